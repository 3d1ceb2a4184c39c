// JPEG through libjpeg-turbo, the decoder Pillow uses, with its defaults (accurate integer IDCT,
// smooth chroma), so that pixels agree to the bit.
#include <cstdio>  // jpeglib.h needs it first

#include <jpeglib.h>

#include <algorithm>
#include <csetjmp>
#include <cstdlib>

#include "base/check.h"    // InputError
#include "image/decode.h"  // check_size, rgb_from_ink

namespace lmc::image {

namespace {

// libjpeg reports errors by a call that must not return. The jump leaves only C frames and frames
// of ours that own nothing: all owning objects live outside the function that calls setjmp.
struct ErrorManager {
  jpeg_error_mgr base;
  std::jmp_buf jump;
  char message[JMSG_LENGTH_MAX];
};

void on_error(j_common_ptr info) {
  auto* manager = reinterpret_cast<ErrorManager*>(info->err);
  info->err->format_message(info, manager->message);
  std::longjmp(manager->jump, 1);
}

// Level -1 is damaged data: libjpeg would go on with grey, Pillow refuses what ends too early.
// The tolerated warnings are those Pillow lets pass.
void on_message(j_common_ptr info, int level) {
  if (level >= 0) return;
  ++info->err->num_warnings;
}

void stay_silent(j_common_ptr) {}

jpeg_error_mgr* install(ErrorManager& manager) {
  jpeg_error_mgr* base = jpeg_std_error(&manager.base);
  base->error_exit = on_error;
  base->emit_message = on_message;
  base->output_message = stay_silent;
  manager.message[0] = '\0';
  return base;
}

// A source without more bytes must end the image, not feed it an invented end marker.
boolean out_of_bytes(j_decompress_ptr info) {
  auto* manager = reinterpret_cast<ErrorManager*>(info->err);
  std::snprintf(manager->message, sizeof manager->message, "the file ends too early");
  std::longjmp(manager->jump, 1);
}

struct Decoder {
  jpeg_decompress_struct info{};
  jpeg_progress_mgr progress{};
  ErrorManager errors{};
  ~Decoder() { jpeg_destroy_decompress(&info); }
};

// A progressive file refines the whole image with every scan; encoders write ten or so. Each takes
// the time of an image, however short it is in the file.
constexpr int kUsualScans = 20;
constexpr int64_t kMaxScannedPixels = 500'000'000;  // some seconds

void count_scans(j_common_ptr info) {
  const auto* file = reinterpret_cast<j_decompress_ptr>(info);
  const int64_t pixels = int64_t{file->image_width} * file->image_height;
  const int64_t most = std::max<int64_t>(kUsualScans, kMaxScannedPixels / pixels);
  if (file->input_scan_number <= most) return;
  auto* manager = reinterpret_cast<ErrorManager*>(info->err);
  std::snprintf(manager->message, sizeof manager->message, "more than %d scans of so many pixels",
                static_cast<int>(most));
  std::longjmp(manager->jump, 1);
}

bool read_header(Decoder& decoder, std::string_view bytes, JpegColours unmarked) {
  decoder.info.err = install(decoder.errors);
  if (setjmp(decoder.errors.jump) != 0) return false;
  jpeg_create_decompress(&decoder.info);
  jpeg_mem_src(&decoder.info, reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size());
  decoder.info.src->fill_input_buffer = out_of_bytes;
  decoder.progress.progress_monitor = count_scans;
  decoder.info.progress = &decoder.progress;
  jpeg_read_header(&decoder.info, TRUE);
  const bool four_channels = decoder.info.num_components == 4;
  const bool is_marked = decoder.info.saw_JFIF_marker || decoder.info.saw_Adobe_marker;
  if (decoder.info.num_components == 3 && !is_marked && unmarked == JpegColours::kRgb) {
    decoder.info.jpeg_color_space = JCS_RGB;
  }
  decoder.info.out_color_space = four_channels ? JCS_CMYK : JCS_RGB;
  return true;
}

bool read_pixels(Decoder& decoder, uint8_t* out, size_t row_bytes) {
  if (setjmp(decoder.errors.jump) != 0) return false;
  jpeg_start_decompress(&decoder.info);
  while (decoder.info.output_scanline < decoder.info.output_height) {
    JSAMPROW row = out + decoder.info.output_scanline * row_bytes;
    jpeg_read_scanlines(&decoder.info, &row, 1);
  }
  return true;
}

// Adobe writers store the inks inverted. Pillow assumes so of every file, with or without Adobe's
// marker, and so do we.
Image rgb_from_cmyk(const std::vector<uint8_t>& cmyk, int64_t height, int64_t width) {
  Image image{height, width, std::vector<uint8_t>(static_cast<size_t>(height * width * 3))};
  for (size_t i = 0; i < static_cast<size_t>(height * width); ++i) {
    const int black = 255 - cmyk[4 * i + 3];
    for (size_t c = 0; c < 3; ++c) {
      image.rgb_HWC[3 * i + c] = rgb_from_ink(255 - cmyk[4 * i + c], black);
    }
  }
  return image;
}

}  // namespace

Image decode_jpeg(std::string_view bytes, int64_t max_pixels, std::string_view where,
                  JpegColours unmarked) {
  Decoder decoder;
  const auto fail = [&] { throw InputError(where, cat("broken JPEG: ", decoder.errors.message)); };
  if (!read_header(decoder, bytes, unmarked)) fail();
  const int64_t height = decoder.info.image_height;
  const int64_t width = decoder.info.image_width;
  check_size(height, width, max_pixels, where);
  const bool cmyk = decoder.info.out_color_space == JCS_CMYK;
  const auto row_bytes = static_cast<size_t>(width * (cmyk ? 4 : 3));
  std::vector<uint8_t> pixels(static_cast<size_t>(height) * row_bytes);
  if (!read_pixels(decoder, pixels.data(), row_bytes)) fail();
  jpeg_abort_decompress(&decoder.info);  // frees the coefficients of a progressive file
  if (cmyk) return rgb_from_cmyk(pixels, height, width);
  return {height, width, std::move(pixels)};
}

namespace {

struct Encoder {
  jpeg_compress_struct info{};
  ErrorManager errors{};
  unsigned char* buffer = nullptr;
  unsigned long size = 0;
  ~Encoder() {
    jpeg_destroy_compress(&info);
    std::free(buffer);
  }
};

// From here on colours are not averaged over 2 x 2 pixels, which would cost more than the rest.
constexpr int kFullColourQuality = 90;

bool compress(Encoder& encoder, const Image& image, int quality) {
  encoder.info.err = install(encoder.errors);
  if (setjmp(encoder.errors.jump) != 0) return false;
  jpeg_create_compress(&encoder.info);
  jpeg_mem_dest(&encoder.info, &encoder.buffer, &encoder.size);
  encoder.info.image_height = static_cast<JDIMENSION>(image.height_px);
  encoder.info.image_width = static_cast<JDIMENSION>(image.width_px);
  encoder.info.input_components = 3;
  encoder.info.in_color_space = JCS_RGB;
  jpeg_set_defaults(&encoder.info);
  jpeg_set_quality(&encoder.info, quality, TRUE);
  if (quality >= kFullColourQuality) {
    encoder.info.comp_info[0].h_samp_factor = 1;
    encoder.info.comp_info[0].v_samp_factor = 1;
  }
  jpeg_start_compress(&encoder.info, TRUE);
  while (encoder.info.next_scanline < encoder.info.image_height) {
    auto* row =
        const_cast<uint8_t*>(image.rgb_HWC.data()) +
        static_cast<size_t>(encoder.info.next_scanline) * static_cast<size_t>(image.width_px) * 3;
    jpeg_write_scanlines(&encoder.info, &row, 1);
  }
  jpeg_finish_compress(&encoder.info);
  return true;
}

}  // namespace

std::string encode_jpeg(const Image& image, int quality) {
  LMC_CHECK(image.rgb_HWC.size() == static_cast<size_t>(image.height_px * image.width_px * 3));
  Encoder encoder;
  if (!compress(encoder, image, quality)) throw InternalError(encoder.errors.message);
  return {reinterpret_cast<const char*>(encoder.buffer), encoder.size};
}

}  // namespace lmc::image
