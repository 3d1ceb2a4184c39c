#include "report/plot.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "base/check.h"     // cat
#include "report/charts.h"  // series_class
#include "report/html.h"    // fixed, percent
#include "report/svg.h"     // svg_line, svg_text

namespace lmc::report {

namespace {

constexpr double kWidth = 440;

// The plot's box and the values it spans.
struct Box {
  double height = 300;
  double left = 58;
  double right = 26;
  double top = 10;
  double bottom = 46;
  std::array<double, 2> x_span{};
  std::array<double, 2> y_span{};

  double x(double value) const {
    return left + (value - x_span[0]) / (x_span[1] - x_span[0]) * (kWidth - left - right);
  }
  double y(double value) const {
    return height - bottom -
           (value - y_span[0]) / (y_span[1] - y_span[0]) * (height - top - bottom);
  }
};

bool is_drawn(const PlotPoint& point) { return std::isfinite(point.x) && std::isfinite(point.y); }

// False: nothing to draw.
bool set_spans(const std::vector<PlotLine>& lines, const PlotFrame& frame, Box& box) {
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  box.x_span = box.y_span = {kInfinity, -kInfinity};
  const auto widen = [](std::array<double, 2>& span, double value) {
    span = {std::min(span[0], value), std::max(span[1], value)};
  };
  for (const PlotLine& line : lines) {
    for (const PlotPoint& point : line.points) {
      if (!is_drawn(point)) continue;
      widen(box.x_span, point.x);
      widen(box.y_span, point.y);
    }
  }
  if (!std::isfinite(box.x_span[0])) return false;
  if (frame.x.span) box.x_span = *frame.x.span;
  if (frame.y.span) box.y_span = *frame.y.span;
  if (box.x_span[1] == box.x_span[0]) box.x_span[1] += 1;
  if (box.y_span[1] == box.y_span[0]) box.y_span[1] += 1;
  return true;
}

std::string tick_label(double value, double step, bool as_percent) {
  if (as_percent) return fixed(100 * value, 100 * step < 1 ? 1 : 0) + " %";
  return fixed(value, step >= 1 ? 0 : static_cast<int>(std::ceil(-std::log10(step) - 1e-9)));
}

std::string y_axis(const PlotAxis& axis, Box& box) {
  const std::vector<double> ticks = axis_ticks(box.y_span[0], box.y_span[1], 5);
  box.y_span = {std::min(box.y_span[0], ticks.front()), std::max(box.y_span[1], ticks.back())};
  std::string body;
  for (const double tick : ticks) {
    body += svg_line(box.left, box.y(tick), kWidth - box.right, box.y(tick), "grid");
    body += svg_text(box.left - 7, box.y(tick) + 4, "end",
                     tick_label(tick, ticks[1] - ticks[0], axis.as_percent));
  }
  return body;
}

std::string x_axis(const PlotAxis& axis, const Box& box) {
  const std::vector<double> ticks = axis_ticks(box.x_span[0], box.x_span[1], 5);
  constexpr double kRounding = 1e-9;
  std::string body;
  for (const double tick : ticks) {
    if (tick < box.x_span[0] - kRounding || tick > box.x_span[1] + kRounding) continue;
    if (axis.whole && tick != std::round(tick)) continue;
    body += svg_text(box.x(tick), box.height - box.bottom + 19, "middle",
                     tick_label(tick, ticks[1] - ticks[0], axis.as_percent));
  }
  return body + svg_text((box.left + kWidth - box.right) / 2, box.height - 5, "middle", axis.label);
}

std::string interval(const Box& box, const PlotPoint& point) {
  const double x = box.x(point.x);
  const double low = box.y((*point.y_interval)[0]);
  const double high = box.y((*point.y_interval)[1]);
  return svg_line(x, low, x, high, "spread") + svg_line(x - 4, low, x + 4, low, "spread") +
         svg_line(x - 4, high, x + 4, high, "spread");
}

std::string line_body(const Box& box, const PlotLine& line) {
  std::string points;
  std::string marks;
  for (const PlotPoint& point : line.points) {
    if (!is_drawn(point)) continue;
    const double x = box.x(point.x);
    const double y = box.y(point.y);
    points += cat(points.empty() ? "" : " ", svg_number(x), ",", svg_number(y));
    if (point.y_interval) marks += interval(box, point);
    if (line.dots) marks += svg_circle(x, y, 4, "dot");
  }
  // A line of one point would not be seen.
  if (!line.dots && points.find(' ') == std::string::npos && !points.empty()) {
    marks = svg_circle(std::stod(points), std::stod(points.substr(points.find(',') + 1)), 4, "dot");
  }
  if (!marks.empty()) return cat("<g class=\"", series_class(line.series), "\">", marks, "</g>");
  return cat("<polyline class=\"curve ", series_class(line.series), line.faint ? " faint" : "",
             "\" points=\"", points, "\"/>");
}

}  // namespace

std::string plot(const std::vector<PlotLine>& lines, const PlotFrame& frame) {
  Box box;
  if (!set_spans(lines, frame, box)) return {};
  std::string body = y_axis(frame.y, box) + x_axis(frame.x, box);
  if (frame.diagonal) {
    const double low = std::max(box.x_span[0], box.y_span[0]);
    const double high = std::min(box.x_span[1], box.y_span[1]);
    body += svg_line(box.x(low), box.y(low), box.x(high), box.y(high), "baseline");
  }
  for (const PlotLine& line : lines) body += line_body(box, line);
  // Upright beside the ticks the words would be hard to read; they take a line above.
  constexpr double kLabel = 20;
  return svg_drawing(kWidth, box.height + kLabel, "plot", frame.title,
                     cat(svg_text(4, 14, "start", frame.y.label), "<g transform=\"translate(0 ",
                         svg_number(kLabel), ")\">", body, "</g>"));
}

std::string group_plot(const std::vector<GroupProportions>& groups, const std::string& title) {
  constexpr double kLeft = 12;
  constexpr double kRight = 16;
  constexpr double kLabel = 24;
  constexpr double kRow = 14;
  const auto x = [](double share) { return kLeft + share * (kWidth - kLeft - kRight); };
  std::string rows;
  double y = 4;
  for (const GroupProportions& group : groups) {
    rows += svg_text(kLeft, y + 16, "start", group.group);
    y += kLabel;
    for (const auto& [series, share] : group.shares) {
      const double middle = y + kRow / 2;
      rows +=
          cat("<g class=\"", series_class(series), "\">",
              svg_line(x(share.interval_95[0]), middle, x(share.interval_95[1]), middle, "spread"),
              svg_circle(x(share.accuracy), middle, 4.5, "dot"), "</g>");
      y += kRow;
    }
    y += 4;
  }
  std::string grid;
  for (const double tick : {0.0, 0.25, 0.5, 0.75, 1.0}) {
    grid += svg_line(x(tick), 2, x(tick), y + 2, "grid");
    grid += svg_text(x(tick), y + 18,
                     tick == 0   ? "start"
                     : tick == 1 ? "end"
                                 : "middle",
                     fixed(100 * tick, 0) + " %");
  }
  return svg_drawing(kWidth, y + 24, "plot", title, grid + rows);
}

std::vector<double> axis_ticks(double low, double high, int count) {
  const double rough = (high - low) / std::max(1, count);
  if (!(rough > 0) || !std::isfinite(rough)) return {low};
  const double power = std::pow(10, std::floor(std::log10(rough)));
  double step = power;
  for (const double factor : {1.0, 2.0, 5.0, 10.0}) {
    step = power * factor;
    if (step >= rough * (1 - 1e-9)) break;
  }
  std::vector<double> ticks;
  const double first = std::floor(low / step + 1e-9);
  const double last = std::ceil(high / step - 1e-9);
  // Counted in integers: beyond 2^53 a number and the next are one. A step of at least `rough`
  // gives `count` intervals, and one more at either end.
  const int steps = static_cast<int>(std::min(last - first, count + 2.0));
  for (int k = 0; k <= steps; ++k) ticks.push_back((first + k) * step);
  return ticks;
}

}  // namespace lmc::report
