#include "report/heat_map.h"

#include <algorithm>
#include <cmath>

#include "base/check.h"        // cat
#include "report/html.h"       // escaped, fixed
#include "report/image_url.h"  // image_url
#include "report/plot.h"
#include "report/svg.h"  // svg_number

namespace lmc::report {

namespace {

// Coordinates of the overlay: it is stretched over the image, whatever that one's shape.
constexpr double kSide = 1000;

std::string overlay_rectangle(double left, double top, double width, double height,
                              const std::string& attributes) {
  return cat("<rect x=\"", svg_number(left * kSide), "\" y=\"", svg_number(top * kSide),
             "\" width=\"", svg_number(std::max(0.0, width) * kSide), "\" height=\"",
             svg_number(std::max(0.0, height) * kSide), "\" ", attributes, "/>");
}

}  // namespace

double largest_size(const std::vector<double>& values) {
  double most = 0;
  for (const double value : values) {
    if (std::isfinite(value)) most = std::max(most, std::abs(value));
  }
  return most;
}

std::string map_cells(const char* kind, int64_t rows, int64_t columns,
                      const std::vector<double>& values, double strongest) {
  constexpr double kMostOpaque = 0.75;
  if (strongest == 0 || values.empty()) return {};
  std::string body;
  const double width = 1 / static_cast<double>(columns);
  const double height = 1 / static_cast<double>(rows);
  for (int64_t row = 0; row < rows; ++row) {
    for (int64_t column = 0; column < columns; ++column) {
      const double value = values[static_cast<size_t>(row * columns + column)];
      const double opacity = kMostOpaque * std::abs(value) / strongest;
      if (!std::isfinite(opacity) || opacity < 0.02) continue;
      body += overlay_rectangle(
          static_cast<double>(column) * width, static_cast<double>(row) * height, width, height,
          cat("class=\"", value > 0 ? "for" : "against", "\" opacity=\"", fixed(opacity, 2), "\""));
    }
  }
  return cat("<g class=\"", kind, "\">", body, "</g>");
}

std::string map_boxes(std::span<const record::FractionBox> boxes) {
  std::string body;
  for (const auto& [left, top, right, bottom] : boxes) {
    body += overlay_rectangle(left, top, right - left, bottom - top, "class=\"box\"");
  }
  return body;
}

namespace {

// "row 2, column 5 of 8 x 8".
std::string strongest_cell(const record::OcclusionMap& map) {
  const auto place = std::max_element(map.values.begin(), map.values.end()) - map.values.begin();
  return cat("row ", place / map.columns + 1, ", column ", place % map.columns + 1, " of ",
             map.rows, " x ", map.columns);
}

std::string curves(const record::OcclusionMap& map) {
  std::vector<PlotLine> lines;
  const auto add = [&](size_t series, const std::vector<double>& values) {
    PlotLine line{series, false, false, {}};
    for (size_t i = 0; i < values.size(); ++i) {
      line.points.push_back(
          {static_cast<double>(i) / static_cast<double>(std::max<size_t>(1, values.size() - 1)),
           values[i]});
    }
    lines.push_back(std::move(line));
  };
  add(0, map.deletion);
  add(1, map.random_deletion);
  add(2, map.insertion);
  const std::string drawing =
      plot(lines, {{"cells hidden, or shown", true, false, std::array<double, 2>{0, 1}},
                   {"log-probability, nats", false, false, {}},
                   false,
                   "Log-probability as cells are hidden or shown in the order of the map"});
  if (drawing.empty()) return {};
  return cat("<details><summary>Hiding cell by cell</summary>", drawing,
             "<ul class=\"legend\"><li><span class=\"key series0\"></span>hidden, strongest "
             "first</li><li><span class=\"key series1\"></span>hidden at random</li><li><span "
             "class=\"key series2\"></span>shown, strongest first</li></ul></details>");
}

}  // namespace

std::string heat_map_html(const record::OcclusionMap& map, const record::Question& question) {
  const std::string url = image_url(question.image);
  const std::string label = cat("Map of ", map.rows, " by ", map.columns, " cells; hiding ",
                                strongest_cell(map), ", costs the answer most");
  const std::string image = url.empty()
                                ? "<p class=\"quiet\">The image file is not there.</p>"
                                : cat("<img alt=\"the image asked about\" src=\"", url, "\">");
  // Over no image the map still shows where the cells are.
  return cat(
      "<figure class=\"map\"><div class=\"", url.empty() ? "mapped bare" : "mapped", "\">", image,
      "<svg viewBox=\"0 0 1000 1000\" preserveAspectRatio=\"none\" role=\"img\" "
      "aria-label=\"",
      escaped(label), "\">",
      map_cells("occlusion", map.rows, map.columns, map.values, largest_size(map.values)),
      map_cells("relevance", map.token_rows, map.token_columns, map.relevance,
                largest_size(map.relevance)),
      map_boxes(map.boxes),
      "</svg></div><label><input type=\"checkbox\" class=\"of-occlusion\" checked> "
      "occlusion</label>",
      map.relevance.empty()
          ? ""
          : "<label><input type=\"checkbox\" class=\"of-relevance\"> gradient</label>",
      "<figcaption>", escaped(question.question), "</figcaption><p class=\"quiet\">Answer ",
      escaped(map.letter), map.letter == std::string(1, question.answer) ? " (right)" : " (wrong)",
      ", log-probability ", fixed(map.whole, 2), " with the image, ", fixed(map.blank, 2),
      " with all of it hidden; strongest cell ", fixed(largest_size(map.values), 2), " nats, at ",
      strongest_cell(map), map.measured == "reply" ? "; of the whole reply" : "",
      map.boxes.empty() ? "" : "; boxes: the places that came with the question", ".</p>",
      curves(map), "</figure>\n");
}

}  // namespace lmc::report
