// JPEG 2000 by OpenJPEG. What a codestream claims is looked at before: OpenJPEG takes memory for
// every tile, precinct and code block that the headers describe, whether data follows or not.
// Source: ITU-T T.800 annex A (markers), annex I (the boxes of a JP2 file).
#include <algorithm>
#include <memory>

#include "base/check.h"  // InputError
#include "image/dicom/codecs.h"

#ifdef LMC_DICOM_CODECS
#include <openjpeg.h>
#endif

namespace lmc::image::dicom {

#ifdef LMC_DICOM_CODECS

namespace {

// Frames in use are one tile or some dozens, with one to twenty layers, and precincts of 2^7 and
// more; the least ones here are of 2^4, as resolutions get small.
constexpr uint32_t kMostTiles = 1024;
constexpr uint32_t kMostLayers = 256;
constexpr uint32_t kLeastPrecinct = 4;

[[noreturn]] void fail(std::string_view where, std::string_view problem) {
  throw InputError(where, cat("broken DICOM: its JPEG 2000 frame ", problem));
}

// Numbers, high byte first; zero behind the end.
uint32_t number_at(std::string_view bytes, size_t at, size_t size) {
  uint32_t value = 0;
  for (size_t i = 0; i < size; ++i) {
    const bool is_there = at + i < bytes.size();
    value = value << 8U | (is_there ? static_cast<unsigned char>(bytes[at + i]) : 0U);
  }
  return value;
}

// Some put a whole JP2 file into the frame, against the standard: its codestream alone is read.
std::string_view codestream_of(std::string_view frame) {
  if (!frame.substr(0, 8).ends_with("jP  ")) return frame;
  size_t at = 0;
  while (frame.size() - at >= 8) {
    const size_t length = number_at(frame, at, 4);
    if (frame.substr(at + 4, 4) == "jp2c") {
      return length > 8 && length <= frame.size() - at ? frame.substr(at + 8, length - 8)
                                                       : frame.substr(at + 8);
    }
    if (length < 8 || length > frame.size() - at) break;
    at += length;
  }
  return {};
}

// `style` is a COD's or COC's part on one component, behind its Scod.
void check_coding(std::string_view style, bool has_precincts, std::string_view where) {
  const uint32_t levels = number_at(style, 0, 1);
  if (levels > 32) fail(where, "has too many resolutions");
  for (uint32_t i = 0; has_precincts && i <= levels; ++i) {
    const uint32_t sizes = number_at(style, 5 + i, 1);
    if ((sizes & 15U) < kLeastPrecinct || sizes >> 4U < kLeastPrecinct) {
      fail(where, "has precincts too small");
    }
  }
}

void check_image_size(std::string_view size, const PixelFormat& format, std::string_view where) {
  const auto value = [size](size_t at) { return int64_t{number_at(size, at, 4)}; };
  const int64_t right = value(2);
  const int64_t bottom = value(6);
  const int64_t left = value(10);
  const int64_t top = value(14);
  const int64_t tile_width = value(18);
  const int64_t tile_height = value(22);
  const int64_t tile_left = value(26);
  const int64_t tile_top = value(30);
  const uint32_t components = number_at(size, 34, 2);
  if (right - left != format.columns || bottom - top != format.rows ||
      components != static_cast<uint32_t>(format.samples_per_pixel)) {
    fail(where, "is of another size");
  }
  if (tile_width < 1 || tile_height < 1 || tile_left > left || tile_top > top) {
    fail(where, "has tiles of no size");
  }
  const int64_t across = (right - tile_left + tile_width - 1) / tile_width;
  const int64_t down = (bottom - tile_top + tile_height - 1) / tile_height;
  if (across * down > int64_t{kMostTiles}) fail(where, "has too many tiles");
  for (uint32_t i = 0; i < components; ++i) {
    const size_t at = 36 + size_t{3} * i;
    if (number_at(size, at + 1, 1) != 1 || number_at(size, at + 2, 1) != 1) {
      fail(where, "has components of another size");
    }
    if ((number_at(size, at, 1) & 0x7fU) + 1 > 32) fail(where, "has too many bits");
  }
}

// Walks the main header and those of all tile parts.
void check_headers(std::string_view stream, const PixelFormat& format, std::string_view where) {
  constexpr uint32_t kSize = 0xff51, kCoding = 0xff52, kComponentCoding = 0xff53;
  constexpr uint32_t kTilePart = 0xff90, kData = 0xff93, kEnd = 0xffd9;
  if (!stream.starts_with("\xFF\x4F") || number_at(stream, 2, 2) != kSize) {
    fail(where, "has no header");
  }
  size_t at = 2;
  size_t tile_part = 0;
  size_t tile_part_length = 0;
  while (stream.size() - at >= 4) {
    const uint32_t marker = number_at(stream, at, 2);
    if (marker == kEnd) return;
    if (marker == kData) {                // the data of a tile part, up to its end
      if (tile_part_length == 0) return;  // the last one
      if (tile_part_length < at - tile_part || tile_part_length > stream.size() - tile_part) return;
      at = tile_part + tile_part_length;
      continue;
    }
    const size_t length = number_at(stream, at + 2, 2);
    if (marker < 0xff01 || length < 2 || length > stream.size() - at - 2) fail(where, "is damaged");
    const std::string_view segment = stream.substr(at + 4, length - 2);
    if (marker == kSize) {
      check_image_size(segment, format, where);
    } else if (marker == kCoding) {
      if (number_at(segment, 2, 2) > kMostLayers) fail(where, "has too many layers");
      check_coding(segment.substr(std::min<size_t>(5, segment.size())),
                   (number_at(segment, 0, 1) & 1U) != 0, where);
    } else if (marker == kComponentCoding) {
      check_coding(segment.substr(std::min<size_t>(2, segment.size())),
                   (number_at(segment, 1, 1) & 1U) != 0, where);
    } else if (marker == kTilePart) {
      tile_part = at;
      tile_part_length = number_at(segment, 2, 4);
    }
    at += 2 + length;
  }
}

// A stream over bytes in memory, as OpenJPEG reads it.
struct Source {
  std::string_view bytes;
  size_t at = 0;
};

OPJ_SIZE_T read_some(void* to, OPJ_SIZE_T most, void* data) {
  auto* source = static_cast<Source*>(data);
  const size_t count = std::min<size_t>(most, source->bytes.size() - source->at);
  if (count == 0) return static_cast<OPJ_SIZE_T>(-1);
  std::memcpy(to, source->bytes.data() + source->at, count);
  source->at += count;
  return count;
}

OPJ_OFF_T skip_some(OPJ_OFF_T count, void* data) {
  auto* source = static_cast<Source*>(data);
  if (count < 0) return -1;
  const size_t step =
      std::min<size_t>(static_cast<size_t>(count), source->bytes.size() - source->at);
  source->at += step;
  return static_cast<OPJ_OFF_T>(step);
}

OPJ_BOOL move_to(OPJ_OFF_T at, void* data) {
  auto* source = static_cast<Source*>(data);
  if (at < 0 || static_cast<size_t>(at) > source->bytes.size()) return OPJ_FALSE;
  source->at = static_cast<size_t>(at);
  return OPJ_TRUE;
}

struct ReleaseStream {
  void operator()(opj_stream_t* stream) const { opj_stream_destroy(stream); }
};
struct ReleaseCodec {
  void operator()(opj_codec_t* codec) const { opj_destroy_codec(codec); }
};
struct ReleaseImage {
  void operator()(opj_image_t* image) const { opj_image_destroy(image); }
};

using ImageHolder = std::unique_ptr<opj_image_t, ReleaseImage>;

// Null: it cannot be decoded.
ImageHolder decoded(std::string_view codestream) {
  Source source{codestream};
  const std::unique_ptr<opj_stream_t, ReleaseStream> stream(
      opj_stream_create(OPJ_J2K_STREAM_CHUNK_SIZE, OPJ_TRUE));
  const std::unique_ptr<opj_codec_t, ReleaseCodec> codec(opj_create_decompress(OPJ_CODEC_J2K));
  if (stream == nullptr || codec == nullptr) throw InternalError("OpenJPEG does not start");
  opj_stream_set_user_data(stream.get(), &source, nullptr);
  opj_stream_set_user_data_length(stream.get(), codestream.size());
  opj_stream_set_read_function(stream.get(), read_some);
  opj_stream_set_skip_function(stream.get(), skip_some);
  opj_stream_set_seek_function(stream.get(), move_to);
  opj_dparameters_t parameters;
  opj_set_default_decoder_parameters(&parameters);
  opj_image_t* image = nullptr;
  bool is_whole = opj_setup_decoder(codec.get(), &parameters) == OPJ_TRUE &&
                  opj_read_header(stream.get(), codec.get(), &image) == OPJ_TRUE;
  ImageHolder holder(image);
  is_whole = is_whole && opj_decode(codec.get(), stream.get(), image) == OPJ_TRUE &&
             opj_end_decompress(codec.get(), stream.get()) == OPJ_TRUE;
  return is_whole ? std::move(holder) : nullptr;
}

}  // namespace

Samples decode_jpeg_2000(std::string_view frame, const PixelFormat& format,
                         std::string_view where) {
  const std::string_view codestream = codestream_of(frame);
  check_headers(codestream, format, where);
  const ImageHolder image = decoded(codestream);
  if (image == nullptr) fail(where, "cannot be decoded");
  if (image->numcomps != static_cast<uint32_t>(format.samples_per_pixel)) {
    fail(where, "has another number of components");
  }
  const auto num_pixels = static_cast<size_t>(format.rows * format.columns);
  const auto channels = static_cast<size_t>(format.samples_per_pixel);
  const uint32_t bits = image->comps[0].prec;
  Samples samples(format, static_cast<int>(bits));
  for (size_t c = 0; c < channels; ++c) {
    const opj_image_comp_t& component = image->comps[c];
    if (component.data == nullptr || size_t{component.w} * component.h != num_pixels ||
        component.prec != bits) {
      fail(where, "has components of another size");
    }
    for (size_t i = 0; i < num_pixels; ++i) {
      samples.set(i * channels + c, static_cast<uint32_t>(component.data[i]));
    }
  }
  return samples;
}

#else

Samples decode_jpeg_2000(std::string_view, const PixelFormat&, std::string_view where) {
  throw InputError(where, "DICOM in JPEG 2000 is not read by this build",
                   "build with -DLMC_DICOM_CODECS=ON, or convert the file");
}

#endif

}  // namespace lmc::image::dicom
