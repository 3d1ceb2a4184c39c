// How libpng reports errors to the PNG reader and writer: by a call that must not return. See
// jpeg.cpp on the jump.
#pragma once

#include <png.h>

#include <csetjmp>
#include <cstddef>
#include <cstring>

namespace lmc::image {

// The error pointer of a png_struct with on_png_error is a buffer of so many bytes.
inline constexpr size_t kPngMessageBytes = 200;

inline void on_png_error(png_structp png, png_const_charp message) {
  auto* text = static_cast<char*>(png_get_error_ptr(png));
  std::strncpy(text, message, kPngMessageBytes - 1);
  text[kPngMessageBytes - 1] = '\0';
  png_longjmp(png, 1);
}

inline void ignore_png_warning(png_structp, png_const_charp) {}

}  // namespace lmc::image
