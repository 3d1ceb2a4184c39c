// Drawings as inline SVG. Colours come from the page's style sheet, by class: series0, series1, ...
// Units: coordinates in CSS pixels of the drawing's own box, which scales with the page.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "record/result.h"          // Share
#include "report/training_curve.h"  // CurvePoint

namespace lmc::report {

// Series of a chart are told apart by colour and dashes; the classes repeat after this many.
inline constexpr size_t kNumSeries = 6;
std::string series_class(size_t index);

// Accuracy as a bar from 0 to 100 %, its interval as a line across the end, and a tick at
// `baseline`.
std::string interval_bar(const record::Share& share, double baseline, size_t series);

// Shares of the letters: gold as an outline, predicted as a filled bar.
std::string letter_histogram(const std::map<char, int64_t>& gold,
                             const std::map<char, int64_t>& predicted, size_t series);

// A bar a count, with its label below and the count above; `title` is read out.
struct CountBar {
  std::string label;
  int64_t count = 0;
};
std::string count_chart(const std::vector<CountBar>& bars, const std::string& title);

struct ChartLine {
  size_t series = 0;
  bool faint = false;
  std::vector<CurvePoint> points;
};

// Lines over training steps, with axes; empty when there is nothing to draw. `title` is read out.
std::string line_chart(const std::vector<ChartLine>& lines, const std::string& title,
                       bool as_percent);

// Round numbers, about `count` of them, that span low to high.
std::vector<double> axis_ticks(double low, double high, int count);

}  // namespace lmc::report
