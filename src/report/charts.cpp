#include "report/charts.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "base/check.h"   // cat
#include "report/html.h"  // escaped, fixed, percent

namespace lmc::report {

namespace {

std::string px(double value) { return fixed(value, 1); }

std::string line(double x1, double y1, double x2, double y2, const std::string& style_class) {
  return cat("<line class=\"", style_class, "\" x1=\"", px(x1), "\" y1=\"", px(y1), "\" x2=\"",
             px(x2), "\" y2=\"", px(y2), "\"/>");
}

std::string text(double x, double y, const std::string& anchor, const std::string& words) {
  return cat("<text x=\"", px(x), "\" y=\"", px(y), "\" text-anchor=\"", anchor, "\">",
             escaped(words), "</text>");
}

std::string rectangle(double x, double y, double width, double height,
                      const std::string& style_class) {
  return cat("<rect class=\"", style_class, "\" x=\"", px(x), "\" y=\"", px(y), "\" width=\"",
             px(std::max(0.0, width)), "\" height=\"", px(std::max(0.0, height)), "\"/>");
}

std::string svg(double width, double height, const std::string& style_class,
                const std::string& label, const std::string& body) {
  return cat("<svg class=\"", style_class, "\" viewBox=\"0 0 ", px(width), " ", px(height),
             "\" role=\"img\" aria-label=\"", escaped(label), "\">", body, "</svg>");
}

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

// The box of a line chart and the values it spans.
struct Frame {
  double width = 720;
  double height = 300;
  double left = 64;
  double right = 16;
  double top = 12;
  double bottom = 52;
  double low_x = std::numeric_limits<double>::infinity();
  double high_x = -std::numeric_limits<double>::infinity();
  double low_y = std::numeric_limits<double>::infinity();
  double high_y = -std::numeric_limits<double>::infinity();

  double x(double value) const {
    return left + (value - low_x) / (high_x - low_x) * (width - left - right);
  }
  double y(double value) const {
    return height - bottom - (value - low_y) / (high_y - low_y) * (height - top - bottom);
  }
};

Frame frame_of(const std::vector<ChartLine>& lines) {
  Frame frame;
  for (const ChartLine& one : lines) {
    for (const CurvePoint& point : one.points) {
      if (!std::isfinite(point.value)) continue;
      frame.low_x = std::min(frame.low_x, static_cast<double>(point.step));
      frame.high_x = std::max(frame.high_x, static_cast<double>(point.step));
      frame.low_y = std::min(frame.low_y, point.value);
      frame.high_y = std::max(frame.high_y, point.value);
    }
  }
  if (frame.high_x == frame.low_x) frame.high_x += 1;
  if (frame.high_y == frame.low_y) frame.high_y += 1;
  return frame;
}

std::string tick_label(double value, double step, bool as_percent) {
  if (as_percent) return fixed(100 * value, 100 * step < 1 ? 1 : 0) + " %";
  return fixed(value, step >= 1 ? 0 : static_cast<int>(std::ceil(-std::log10(step) - 1e-9)));
}

std::string axes(Frame& frame, bool as_percent) {
  const std::vector<double> y_ticks = axis_ticks(frame.low_y, frame.high_y, 5);
  frame.low_y = std::min(frame.low_y, y_ticks.front());
  frame.high_y = std::max(frame.high_y, y_ticks.back());
  std::string body;
  for (const double tick : y_ticks) {
    body += line(frame.left, frame.y(tick), frame.width - frame.right, frame.y(tick), "grid");
    body += text(frame.left - 8, frame.y(tick) + 4, "end",
                 tick_label(tick, y_ticks[1] - y_ticks[0], as_percent));
  }
  for (const double tick : axis_ticks(frame.low_x, frame.high_x, 6)) {
    if (tick < frame.low_x || tick > frame.high_x || tick != std::round(tick)) continue;
    body += text(frame.x(tick), frame.height - frame.bottom + 22, "middle", fixed(tick, 0));
  }
  body += text((frame.left + frame.width - frame.right) / 2, frame.height - 4, "middle", "step");
  return body;
}

}  // namespace

std::string series_class(size_t index) { return cat("series", index % kNumSeries); }

std::string interval_bar(const record::Share& share, double baseline, size_t series) {
  constexpr double kWidth = 320;
  constexpr double kHeight = 34;
  const auto x = [](double value) { return 10 + value * (kWidth - 20); };
  std::string body = line(x(0), 28, x(1), 28, "axis");
  for (const double tick : {0.0, 0.25, 0.5, 0.75, 1.0}) {
    body += line(x(tick), 25, x(tick), 31, "axis");
  }
  body += rectangle(x(0), 6, x(share.accuracy) - x(0), 16, "bar " + series_class(series));
  const double low = x(share.interval_95[0]);
  const double high = x(share.interval_95[1]);
  body += line(low, 14, high, 14, "interval") + line(low, 9, low, 19, "interval") +
          line(high, 9, high, 19, "interval");
  body += line(x(baseline), 2, x(baseline), 28, "baseline");
  const std::string label =
      cat(percent(share.accuracy), ", 95 % interval ", percent(share.interval_95[0]), " to ",
          percent(share.interval_95[1]), "; commonest letter ", percent(baseline));
  return svg(kWidth, kHeight, "bars", label, body);
}

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
  std::string body = line(4, kBase, width - 4, kBase, "axis");
  std::string label = "Letters, gold and predicted:";
  double left = 8;
  for (const auto& [letter, count] : letters) {
    const double wanted = share_of(gold, letter, num_gold);
    const double found = share_of(predicted, letter, num_predicted);
    const double scale = highest > 0 ? 84 / highest : 0;
    body += rectangle(left, kBase - wanted * scale, 22, wanted * scale, "gold");
    body += rectangle(left + 24, kBase - found * scale, 22, found * scale,
                      "bar " + series_class(series));
    body += text(left + 11, kBase - wanted * scale - 4, "middle", fixed(100 * wanted, 0));
    body += text(left + 35, kBase - found * scale - 4, "middle", fixed(100 * found, 0));
    body += text(left + 23, kBase + 16, "middle", std::string(1, letter));
    label += cat(" ", letter, " ", percent(wanted), " and ", percent(found), ";");
    left += kStep;
  }
  return svg(width, kBase + 22, "histogram", label, body);
}

std::string count_chart(const std::vector<CountBar>& bars, const std::string& title) {
  constexpr double kStep = 74;
  constexpr double kBase = 130;
  const double width = kStep * static_cast<double>(bars.size()) + 16;
  int64_t highest = 1;
  for (const CountBar& bar : bars) highest = std::max(highest, bar.count);
  std::string body = line(4, kBase, width - 4, kBase, "axis");
  std::string label = title + ":";
  double left = 8;
  for (const CountBar& bar : bars) {
    const double height = 100 * static_cast<double>(bar.count) / static_cast<double>(highest);
    body += rectangle(left + 8, kBase - height, kStep - 16, height, "bar " + series_class(0));
    body += text(left + kStep / 2, kBase - height - 5, "middle", std::to_string(bar.count));
    body += text(left + kStep / 2, kBase + 17, "middle", bar.label);
    label += cat(" ", bar.label, ": ", bar.count, ";");
    left += kStep;
  }
  return svg(width, kBase + 26, "counts", label, body);
}

std::vector<double> axis_ticks(double low, double high, int count) {
  const double rough = (high - low) / std::max(1, count);
  const double power = std::pow(10, std::floor(std::log10(rough)));
  double step = power;
  for (const double factor : {1.0, 2.0, 5.0, 10.0}) {
    step = power * factor;
    if (step >= rough * (1 - 1e-9)) break;
  }
  std::vector<double> ticks;
  const double first = std::floor(low / step + 1e-9);
  const double last = std::ceil(high / step - 1e-9);
  for (double k = first; k <= last; ++k) ticks.push_back(k * step);
  return ticks;
}

std::string line_chart(const std::vector<ChartLine>& lines, const std::string& title,
                       bool as_percent) {
  Frame frame = frame_of(lines);
  if (!std::isfinite(frame.low_x)) return {};
  std::string body = axes(frame, as_percent);
  for (const ChartLine& one : lines) {
    std::string points;
    for (const CurvePoint& point : one.points) {
      if (!std::isfinite(point.value)) continue;
      points += cat(points.empty() ? "" : " ", px(frame.x(static_cast<double>(point.step))), ",",
                    px(frame.y(point.value)));
    }
    body += cat("<polyline class=\"curve ", series_class(one.series), one.faint ? " faint" : "",
                "\" points=\"", points, "\"/>");
  }
  return svg(frame.width, frame.height, "chart", title, body);
}

}  // namespace lmc::report
