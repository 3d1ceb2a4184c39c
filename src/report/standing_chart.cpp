#include "report/standing_chart.h"

#include "base/check.h"     // cat
#include "report/charts.h"  // series_class
#include "report/html.h"    // escaped, fixed, percent

namespace lmc::report {

namespace {

// Across the drawing from 0 to 100 %, so that it can be as wide as the page lets it.
std::string across(double share) { return fixed(100 * share, 2) + "%"; }

std::string rectangle(double from, double to, double top, double height, const char* style) {
  return cat("<rect class=\"", style, "\" x=\"", across(from), "\" width=\"", across(to - from),
             "\" y=\"", fixed(top, 1), "\" height=\"", fixed(height, 1), "\" rx=\"",
             fixed(height / 2, 1), "\"/>");
}

std::string dot(double share, double radius, const char* style) {
  return cat("<circle class=\"", style, "\" cx=\"", across(share), "\" cy=\"9\" r=\"",
             fixed(radius, 1), "\"/>");
}

std::string interval_words(const std::array<double, 2>& interval) {
  return cat(fixed(100 * interval[0], 1), " to ", percent(interval[1]));
}

std::string bar(const Contender& one, double best_letter) {
  std::string body = rectangle(0, 1, 8, 2, "rail");
  if (one.interval_95) {
    body += rectangle((*one.interval_95)[0], (*one.interval_95)[1], 4, 10, "band");
  }
  body += cat("<line class=\"baseline\" x1=\"", across(best_letter), "\" x2=\"",
              across(best_letter), "\" y1=\"0\" y2=\"18\"/>");
  if (one.seeds != nullptr) {
    for (const double accuracy : one.seeds->accuracies) body += dot(accuracy, 3, "seed");
  }
  body += dot(one.accuracy, 5, "dot");
  const std::string label =
      cat(one.name, ": ", percent(one.accuracy),
          one.interval_95 ? cat(", 95 % interval ", interval_words(*one.interval_95)) : "",
          "; always the commonest letter: ", percent(best_letter));
  return cat("<svg class=\"track\" role=\"img\" aria-label=\"", escaped(label), "\">", body,
             "</svg>");
}

std::string seed_words(const Contender& one) {
  if (one.seeds == nullptr) return {};
  return cat("; mean of ", one.seeds->accuracies.size(), " seeds, ",
             interval_words(one.seeds->range), ", deviation ",
             fixed(100 * one.seeds->standard_deviation, 1));
}

const char* verdict_words(Verdict verdict) {
  switch (verdict) {
    case Verdict::kAhead:
      return "ahead: ";
    case Verdict::kBehind:
      return "behind: ";
    case Verdict::kNotShown:
      break;
  }
  return "no difference shown: ";
}

std::string words_beside(const record::Comparison& comparison, const QuestionSet& set,
                         size_t place) {
  const Contender& one = set.contenders[place];
  std::string words = one.interval_95 ? interval_words(*one.interval_95) : "";
  words += seed_words(one);
  if (set.contenders.size() == 1) return words;
  if (place == set.reference) return cat(words, "; the others are compared with this one");
  const auto standing = standing_of(comparison, one, set.contenders[set.reference]);
  if (!standing) return words;
  return cat(words, "; ", verdict_words(standing->verdict), difference_words(*standing));
}

}  // namespace

std::string difference_words(const Standing& standing) {
  const auto interval = [](const std::array<double, 2>& ends) {
    return cat(points(ends[0]), " to ", points(ends[1]));
  };
  std::string words = cat(points(standing.difference), " points");
  if (standing.interval_95) words += cat(" (", interval(*standing.interval_95), ")");
  if (standing.seed_interval_95) {
    words += cat(", over seeds ", interval(*standing.seed_interval_95));
  }
  return words;
}

std::string standing_html(const record::Comparison& comparison, const QuestionSet& set) {
  std::string items;
  for (size_t i = 0; i < set.contenders.size(); ++i) {
    const Contender& one = set.contenders[i];
    const bool is_subject = i == set.subject && set.contenders.size() > 1;
    items += cat(
        "<li", is_subject ? " class=\"subject\"" : "", "><p class=\"who\"><span>",
        "<span class=\"key ", series_class(one.runs[0]), "\"></span>", escaped(one.name),
        "</span> <b>", percent(one.accuracy), "</b></p><div class=\"", series_class(one.runs[0]),
        "\">", bar(one, comparison.runs[one.runs[0]].best_letter_accuracy),
        "</div><p class=\"quiet\">", escaped(words_beside(comparison, set, i)), "</p></li>\n");
  }
  return cat("<ol class=\"standing\">\n", items,
             "</ol>\n<p class=\"scale\" aria-hidden=\"true\"><span>0 %</span><span>25</span>"
             "<span>50</span><span>75</span><span>100 %</span></p>\n");
}

}  // namespace lmc::report
