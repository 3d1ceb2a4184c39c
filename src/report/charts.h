// Drawings as inline SVG. Colours come from the page's style sheet, by class: series0, series1, ...
// Units: coordinates in CSS pixels of the drawing's own box, which scales with the page.
#pragma once

#include <map>
#include <string>
#include <vector>

namespace lmc::report {

// Series of a chart are told apart by colour, dashes and hollow marks; the classes repeat after
// this many.
inline constexpr size_t kNumSeries = 12;
std::string series_class(size_t index);

// Shares of the letters: gold as an outline, predicted as a filled bar.
std::string letter_histogram(const std::map<char, int64_t>& gold,
                             const std::map<char, int64_t>& predicted, size_t series);

// A bar a count, with its label below and the count above; `title` is read out.
struct CountBar {
  std::string label;
  int64_t count = 0;
};
std::string count_chart(const std::vector<CountBar>& bars, const std::string& title);

}  // namespace lmc::report
