#include "report/svg.h"

#include <algorithm>

#include "base/check.h"   // cat
#include "report/html.h"  // escaped, fixed

namespace lmc::report {

std::string svg_number(double value) { return fixed(value, 1); }

std::string svg_line(double x1, double y1, double x2, double y2, const std::string& style_class) {
  return cat("<line class=\"", style_class, "\" x1=\"", svg_number(x1), "\" y1=\"", svg_number(y1),
             "\" x2=\"", svg_number(x2), "\" y2=\"", svg_number(y2), "\"/>");
}

std::string svg_text(double x, double y, const std::string& anchor, const std::string& words) {
  return cat("<text x=\"", svg_number(x), "\" y=\"", svg_number(y), "\" text-anchor=\"", anchor,
             "\">", escaped(words), "</text>");
}

std::string svg_rectangle(double x, double y, double width, double height,
                          const std::string& style_class) {
  return cat("<rect class=\"", style_class, "\" x=\"", svg_number(x), "\" y=\"", svg_number(y),
             "\" width=\"", svg_number(std::max(0.0, width)), "\" height=\"",
             svg_number(std::max(0.0, height)), "\"/>");
}

std::string svg_circle(double x, double y, double radius, const std::string& style_class) {
  return cat("<circle class=\"", style_class, "\" cx=\"", svg_number(x), "\" cy=\"", svg_number(y),
             "\" r=\"", svg_number(radius), "\"/>");
}

std::string svg_drawing(double width, double height, const std::string& style_class,
                        const std::string& label, const std::string& body) {
  return cat("<svg class=\"", style_class, "\" viewBox=\"0 0 ", svg_number(width), " ",
             svg_number(height), "\" role=\"img\" aria-label=\"", escaped(label), "\">", body,
             "</svg>");
}

}  // namespace lmc::report
