// PNG through libpng, converted to what Pillow's convert("RGB") gives.
#include <png.h>

#include <algorithm>
#include <csetjmp>
#include <cstring>

#include "base/check.h"    // InputError
#include "image/decode.h"  // check_size

namespace lmc::image {

namespace {

struct Source {
  std::string_view bytes;
  size_t at = 0;
};

void read_bytes(png_structp png, png_bytep out, png_size_t count) {
  auto* source = static_cast<Source*>(png_get_io_ptr(png));
  if (count > source->bytes.size() - source->at) png_error(png, "the file ends too early");
  std::memcpy(out, source->bytes.data() + source->at, count);
  source->at += count;
}

// libpng reports errors by a call that must not return; see jpeg.cpp on the jump.
void on_error(png_structp png, png_const_charp message) {
  auto* text = static_cast<char*>(png_get_error_ptr(png));
  std::strncpy(text, message, 199);
  text[199] = '\0';
  png_longjmp(png, 1);
}

void stay_silent(png_structp, png_const_charp) {}

struct Reader {
  char message[200] = "";
  Source source;
  png_structp png = nullptr;
  png_infop info = nullptr;
  explicit Reader(std::string_view bytes) : source{bytes} {
    png = png_create_read_struct(PNG_LIBPNG_VER_STRING, message, on_error, stay_silent);
    info = png_create_info_struct(png);
    png_set_read_fn(png, &source, read_bytes);
  }
  ~Reader() { png_destroy_read_struct(&png, &info, nullptr); }
};

bool read_header(Reader& reader) {
  if (setjmp(png_jmpbuf(reader.png)) != 0) return false;
  png_read_info(reader.png, reader.info);
  return true;
}

// Sets the conversion to 8-bit gray or RGB. 16-bit gray is left as it is: Pillow's conversion of it
// clips instead of scaling.
bool set_conversion(Reader& reader) {
  if (setjmp(png_jmpbuf(reader.png)) != 0) return false;
  const int color = png_get_color_type(reader.png, reader.info);
  const int depth = png_get_bit_depth(reader.png, reader.info);
  if (color == PNG_COLOR_TYPE_PALETTE) png_set_palette_to_rgb(reader.png);
  if (color == PNG_COLOR_TYPE_GRAY && depth < 8) png_set_expand_gray_1_2_4_to_8(reader.png);
  if (depth == 16 && color != PNG_COLOR_TYPE_GRAY) png_set_strip_16(reader.png);
  png_set_strip_alpha(reader.png);  // of a palette's transparent entries, too
  png_set_interlace_handling(reader.png);
  png_read_update_info(reader.png, reader.info);
  return true;
}

bool read_rows(Reader& reader, png_bytepp rows) {
  if (setjmp(png_jmpbuf(reader.png)) != 0) return false;
  png_read_image(reader.png, rows);
  png_read_end(reader.png, nullptr);
  return true;
}

Image to_rgb(const std::vector<uint8_t>& pixels, int64_t height, int64_t width, int channels,
             int depth) {
  const auto count = static_cast<size_t>(height * width);
  Image image{height, width, std::vector<uint8_t>(count * 3)};
  for (size_t i = 0; i < count; ++i) {
    for (size_t c = 0; c < 3; ++c) {
      uint8_t value;
      if (depth == 16) {
        // "I;16" to RGB in Pillow goes through 8-bit gray by clipping at 255.
        value = pixels[2 * i] != 0 ? 255 : pixels[2 * i + 1];
      } else {
        value = channels == 1 ? pixels[i] : pixels[3 * i + c];
      }
      image.rgb_HWC[3 * i + c] = value;
    }
  }
  return image;
}

}  // namespace

Image decode_png(std::string_view bytes, std::string_view where) {
  Reader reader(bytes);
  const auto fail = [&] { throw InputError(where, cat("broken PNG: ", reader.message)); };
  if (!read_header(reader)) fail();
  const int64_t height = png_get_image_height(reader.png, reader.info);
  const int64_t width = png_get_image_width(reader.png, reader.info);
  check_size(height, width, where);
  if (!set_conversion(reader)) fail();
  const int channels = png_get_channels(reader.png, reader.info);
  const int depth = png_get_bit_depth(reader.png, reader.info);
  const size_t row_bytes = png_get_rowbytes(reader.png, reader.info);
  std::vector<uint8_t> pixels(row_bytes * static_cast<size_t>(height));
  std::vector<png_bytep> rows;
  for (int64_t y = 0; y < height; ++y) {
    rows.push_back(pixels.data() + static_cast<size_t>(y) * row_bytes);
  }
  if (!read_rows(reader, rows.data())) fail();
  if (channels == 3 && depth == 8) return {height, width, std::move(pixels)};
  return to_rgb(pixels, height, width, channels, depth);
}

namespace {

void append_bytes(png_structp png, png_bytep bytes, png_size_t count) {
  static_cast<std::string*>(png_get_io_ptr(png))->append(reinterpret_cast<char*>(bytes), count);
}

void no_flush(png_structp) {}

struct Writer {
  char message[200] = "";
  png_structp png = nullptr;
  png_infop info = nullptr;
  Writer() {
    png = png_create_write_struct(PNG_LIBPNG_VER_STRING, message, on_error, stay_silent);
    info = png_create_info_struct(png);
  }
  ~Writer() { png_destroy_write_struct(&png, &info); }
};

// A picture whose channels agree is written as gray: a third of the bytes, the same pixels.
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
