// The elements of a drawing, as text. Colours come from the page's style sheet, by class.
// Units: CSS pixels of the drawing's own box, which scales with the page.
#pragma once

#include <string>

namespace lmc::report {

std::string svg_line(double x1, double y1, double x2, double y2, const std::string& style_class);

// `anchor`: "start", "middle" or "end" of the words stands at x.
std::string svg_text(double x, double y, const std::string& anchor, const std::string& words);

// Without area where width or height is negative.
std::string svg_rectangle(double x, double y, double width, double height,
                          const std::string& style_class);

std::string svg_circle(double x, double y, double radius, const std::string& style_class);

// "12.5": what coordinates are written as.
std::string svg_number(double value);

// The whole drawing; `label` is read out in its place.
std::string svg_drawing(double width, double height, const std::string& style_class,
                        const std::string& label, const std::string& body);

}  // namespace lmc::report
