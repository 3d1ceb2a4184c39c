// An image in a terminal that can show one.
//
// Source: "The terminal graphics protocol" (kitty, also WezTerm and Ghostty); sixel: DEC STD 070, chapter
// 9, which xterm -ti vt340, foot, mlterm and others draw.
#pragma once

#include <array>
#include <optional>
#include <string>

#include "base/enum_names.h"  // Named
#include "image/image.h"      // Image

namespace lmc::apps {

enum class TerminalImage { kAuto, kKitty, kSixel, kNone };
constexpr auto names_of(TerminalImage) {
  return std::to_array<Named<TerminalImage>>({{TerminalImage::kAuto, "auto"},
                                              {TerminalImage::kKitty, "kitty"},
                                              {TerminalImage::kSixel, "sixel"},
                                              {TerminalImage::kNone, "none"}});
}

// What shows the image, a line break at its end.
std::string kitty_image(const image::Image& image);
std::string sixel_image(const image::Image& image);

// By the wish; of `auto` kitty's where the environment names a terminal that has it and `is_terminal`,
// else nothing: whether a terminal draws sixels is not written anywhere.
std::optional<std::string> terminal_image(const image::Image& image, TerminalImage wish,
                                          bool is_terminal);

}  // namespace lmc::apps
