// PNG through libpng, written as 8-bit gray or RGB.
#include <png.h>

#include <algorithm>
#include <csetjmp>

#include "base/check.h"        // InternalError
#include "image/image.h"       // Image
#include "image/png_errors.h"  // on_png_error

namespace lmc::image {

namespace {

void append_bytes(png_structp png, png_bytep bytes, png_size_t count) {
  static_cast<std::string*>(png_get_io_ptr(png))->append(reinterpret_cast<char*>(bytes), count);
}

void no_flush(png_structp) {}

struct Writer {
  char message[kPngMessageBytes] = "";
  png_structp png = nullptr;
  png_infop info = nullptr;
  Writer() {
    png = png_create_write_struct(PNG_LIBPNG_VER_STRING, message, on_png_error, ignore_png_warning);
    info = png_create_info_struct(png);
  }
  ~Writer() { png_destroy_write_struct(&png, &info); }
};

// An image whose channels agree is written as gray: a third of the bytes, the same pixels.
bool is_gray(const Image& image) {
  for (size_t i = 0; i < image.rgb_HWC.size(); i += 3) {
    if (image.rgb_HWC[i] != image.rgb_HWC[i + 1] || image.rgb_HWC[i] != image.rgb_HWC[i + 2]) {
      return false;
    }
  }
  return true;
}

bool write_rows(Writer& writer, const Image& image, bool gray, uint8_t* row, std::string* out) {
  if (setjmp(png_jmpbuf(writer.png)) != 0) return false;
  png_set_write_fn(writer.png, out, append_bytes, no_flush);
  png_set_IHDR(writer.png, writer.info, static_cast<png_uint_32>(image.width_px),
               static_cast<png_uint_32>(image.height_px), 8,
               gray ? PNG_COLOR_TYPE_GRAY : PNG_COLOR_TYPE_RGB, PNG_INTERLACE_NONE,
               PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
  png_write_info(writer.png, writer.info);
  const auto width = static_cast<size_t>(image.width_px);
  for (int64_t y = 0; y < image.height_px; ++y) {
    const uint8_t* source = image.rgb_HWC.data() + static_cast<size_t>(y) * width * 3;
    if (gray) {
      for (size_t x = 0; x < width; ++x) row[x] = source[3 * x];
    } else {
      std::copy_n(source, width * 3, row);
    }
    png_write_row(writer.png, row);
  }
  png_write_end(writer.png, nullptr);
  return true;
}

}  // namespace

std::string encode_png(const Image& image) {
  LMC_CHECK(image.rgb_HWC.size() == static_cast<size_t>(image.height_px * image.width_px * 3));
  Writer writer;
  std::string out;
  std::vector<uint8_t> row(static_cast<size_t>(image.width_px) * 3);
  if (!write_rows(writer, image, is_gray(image), row.data(), &out)) {
    throw InternalError(writer.message);
  }
  return out;
}

}  // namespace lmc::image
