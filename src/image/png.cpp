// PNG through libpng, converted to what Pillow's convert("RGB") gives over white.
#include <png.h>

#include <csetjmp>
#include <cstring>

#include "base/check.h"        // InputError
#include "image/decode.h"      // check_size
#include "image/png_errors.h"  // on_png_error
#include "image/samples.h"     // rgb_of_samples

namespace lmc::image {

namespace {

struct Source {
  std::string_view bytes;
  size_t at = 0;
  bool is_short = false;
};

void read_bytes(png_structp png, png_bytep out, png_size_t count) {
  auto* source = static_cast<Source*>(png_get_io_ptr(png));
  if (count > source->bytes.size() - source->at) {
    source->is_short = true;
    png_error(png, "the file ends too early");
  }
  std::memcpy(out, source->bytes.data() + source->at, count);
  source->at += count;
}

struct Reader {
  char message[kPngMessageBytes] = "";
  Source source;
  png_structp png = nullptr;
  png_infop info = nullptr;
  explicit Reader(std::string_view bytes) : source{bytes} {
    png = png_create_read_struct(PNG_LIBPNG_VER_STRING, message, on_png_error, ignore_png_warning);
    info = png_create_info_struct(png);
    png_set_read_fn(png, &source, read_bytes);
  }
  ~Reader() { png_destroy_read_struct(&png, &info, nullptr); }
};

// What does not touch the pixels (texts, profiles, ...) is passed over, so that it takes no memory
// however it is packed; file_head.h reads what is wanted of it.
bool read_header(Reader& reader) {
  if (setjmp(png_jmpbuf(reader.png)) != 0) return false;
  png_set_keep_unknown_chunks(reader.png, PNG_HANDLE_CHUNK_NEVER, nullptr, -1);
  png_set_chunk_malloc_max(reader.png, 0);
  png_read_info(reader.png, reader.info);
  return true;
}

// Sets the conversion to gray or RGB of 8 or 16 bits, with alpha where something is transparent.
bool set_conversion(Reader& reader) {
  if (setjmp(png_jmpbuf(reader.png)) != 0) return false;
  const int color = png_get_color_type(reader.png, reader.info);
  const int depth = png_get_bit_depth(reader.png, reader.info);
  if (color == PNG_COLOR_TYPE_PALETTE) png_set_palette_to_rgb(reader.png);
  if (color == PNG_COLOR_TYPE_GRAY && depth < 8) png_set_expand_gray_1_2_4_to_8(reader.png);
  if (png_get_valid(reader.png, reader.info, PNG_INFO_tRNS) != 0) {
    png_set_tRNS_to_alpha(reader.png);
  }
  png_set_interlace_handling(reader.png);
  png_read_update_info(reader.png, reader.info);
  return true;
}

bool read_rows(Reader& reader, png_bytepp rows) {
  if (setjmp(png_jmpbuf(reader.png)) != 0) return false;
  png_read_image(reader.png, rows);
  return true;
}

// A file that ends behind its last row is whole for Pillow; damage there is damage.
bool read_end(Reader& reader) {
  if (setjmp(png_jmpbuf(reader.png)) != 0) return reader.source.is_short;
  png_read_end(reader.png, nullptr);
  return true;
}

}  // namespace

Image decode_png(std::string_view bytes, int64_t max_pixels, std::string_view where) {
  Reader reader(bytes);
  const auto fail = [&] { throw InputError(where, cat("broken PNG: ", reader.message)); };
  if (!read_header(reader)) fail();
  const int64_t height = png_get_image_height(reader.png, reader.info);
  const int64_t width = png_get_image_width(reader.png, reader.info);
  check_size(height, width, max_pixels, where);
  if (!set_conversion(reader)) fail();
  const int channels = png_get_channels(reader.png, reader.info);
  const int depth = png_get_bit_depth(reader.png, reader.info);
  const size_t row_bytes = png_get_rowbytes(reader.png, reader.info);
  std::vector<uint8_t> samples(row_bytes * static_cast<size_t>(height));
  std::vector<png_bytep> rows;
  for (int64_t y = 0; y < height; ++y) {
    rows.push_back(samples.data() + static_cast<size_t>(y) * row_bytes);
  }
  if (!read_rows(reader, rows.data())) fail();
  if (!read_end(reader)) fail();
  return {height, width, rgb_of_samples(std::move(samples), channels, depth)};
}

}  // namespace lmc::image
