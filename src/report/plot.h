// Plots with two axes, and shares by group, as inline SVG.
// Detail: drawn about as wide as a phone, so that words stay readable there.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <vector>

#include "record/result.h"  // Proportion

namespace lmc::report {

struct PlotPoint {
  double x = 0;
  double y = 0;
  std::optional<std::array<double, 2>> y_interval = std::nullopt;
};

struct PlotLine {
  size_t series = 0;
  bool faint = false;
  bool dots = false;  // a dot a point, without a line between them
  std::vector<PlotPoint> points;
};

struct PlotAxis {
  std::string label;
  bool as_percent = false;
  bool whole = false;                           // ticks at whole numbers only
  std::optional<std::array<double, 2>> span{};  // default: of the values
};

struct PlotFrame {
  PlotAxis x;
  PlotAxis y;
  bool diagonal = false;  // a dashed line at y = x
  std::string title;      // read out
};

// Points that are not finite are left out; empty when none is left.
std::string plot(const std::vector<PlotLine>& lines, const PlotFrame& frame);

// A group of questions: the share of each run that has it, by the run's series.
struct GroupProportions {
  std::string group;
  std::vector<std::pair<size_t, record::Proportion>> shares;
};

// A dot a share on a scale from 0 to 100 %, with its interval; groups one below the other.
std::string group_plot(const std::vector<GroupProportions>& groups, const std::string& title);

// Round numbers, about `count` of them, that span low to high.
std::vector<double> axis_ticks(double low, double high, int count);

}  // namespace lmc::report
