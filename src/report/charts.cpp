#include "report/charts.h"

#include <algorithm>

#include "base/check.h"   // cat
#include "report/html.h"  // fixed, percent
#include "report/svg.h"   // svg_line, svg_text

namespace lmc::report {

namespace {

double share_of(const std::map<char, int64_t>& counts, char letter, int64_t total) {
  const auto found = counts.find(letter);
  if (found == counts.end() || total == 0) return 0;
  return static_cast<double>(found->second) / static_cast<double>(total);
}

int64_t sum_of(const std::map<char, int64_t>& counts) {
  int64_t sum = 0;
  for (const auto& [letter, count] : counts) sum += count;
  return sum;
}

}  // namespace

std::string series_class(size_t index) { return cat("series", index % kNumSeries); }

std::string letter_histogram(const std::map<char, int64_t>& gold,
                             const std::map<char, int64_t>& predicted, size_t series) {
  std::map<char, int64_t> letters = gold;
  letters.insert(predicted.begin(), predicted.end());
  constexpr double kStep = 56;
  constexpr double kBase = 110;
  const double width = kStep * static_cast<double>(letters.size()) + 8;
  const int64_t num_gold = sum_of(gold);
  const int64_t num_predicted = sum_of(predicted);
  double highest = 0;
  for (const auto& [letter, count] : letters) {
    highest = std::max(
        {highest, share_of(gold, letter, num_gold), share_of(predicted, letter, num_predicted)});
  }
  std::string body = svg_line(4, kBase, width - 4, kBase, "axis");
  std::string label = "Letters, gold and predicted:";
  double left = 8;
  for (const auto& [letter, count] : letters) {
    const double wanted = share_of(gold, letter, num_gold);
    const double found = share_of(predicted, letter, num_predicted);
    const double scale = highest > 0 ? 84 / highest : 0;
    body += svg_rectangle(left, kBase - wanted * scale, 22, wanted * scale, "gold");
    body += svg_rectangle(left + 24, kBase - found * scale, 22, found * scale,
                          "bar " + series_class(series));
    body += svg_text(left + 11, kBase - wanted * scale - 4, "middle", fixed(100 * wanted, 0));
    body += svg_text(left + 35, kBase - found * scale - 4, "middle", fixed(100 * found, 0));
    body += svg_text(left + 23, kBase + 16, "middle", std::string(1, letter));
    label += cat(" ", letter, " ", percent(wanted), " and ", percent(found), ";");
    left += kStep;
  }
  return svg_drawing(width, kBase + 22, "histogram", label, body);
}

std::string count_chart(const std::vector<CountBar>& bars, const std::string& title) {
  constexpr double kStep = 74;
  constexpr double kBase = 130;
  const double width = kStep * static_cast<double>(bars.size()) + 16;
  int64_t highest = 1;
  for (const CountBar& bar : bars) highest = std::max(highest, bar.count);
  std::string body = svg_line(4, kBase, width - 4, kBase, "axis");
  std::string label = title + ":";
  double left = 8;
  for (const CountBar& bar : bars) {
    const double height = 100 * static_cast<double>(bar.count) / static_cast<double>(highest);
    body += svg_rectangle(left + 8, kBase - height, kStep - 16, height, "bar " + series_class(0));
    body += svg_text(left + kStep / 2, kBase - height - 5, "middle", std::to_string(bar.count));
    body += svg_text(left + kStep / 2, kBase + 17, "middle", bar.label);
    label += cat(" ", bar.label, ": ", bar.count, ";");
    left += kStep;
  }
  return svg_drawing(width, kBase + 26, "counts", label, body);
}

}  // namespace lmc::report
