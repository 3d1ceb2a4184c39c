#include "data/image_index.h"

#include <sys/stat.h>

#include <cerrno>
#include <charconv>
#include <cstring>

#include "base/check.h"             // InputError
#include "base/input_file.h"        // InputFile, is_passing, fail_to_read
#include "base/sha256.h"            // sha256_hex
#include "image/foreign_file.h"     // foreign_kind_of
#include "image/image.h"            // decode, traits_of, kDecodeVersion
#include "image/perceptual_hash.h"  // perceptual_hash

namespace lmc::data {

namespace {

// An image larger than this is none; read whole, it would only take the memory.
constexpr int64_t kMaxFileBytes = int64_t{1} << 28;
constexpr std::string_view kNoImage = "not a picture: ";

struct FileState {
  std::string path;
  int64_t bytes = 0;
  int64_t mtime_ns = 0;

  Digest key() const { return digest_of(cat(path, "\n", bytes, "\n", mtime_ns)); }
};

// Why the file is no image; empty: `state` is filled in.
std::string stat_file(FileState& state) {
  struct stat status {};
  if (::stat(state.path.c_str(), &status) != 0) {
    if (is_passing(errno)) fail_to_read(state.path, errno);
    return std::strerror(errno);
  }
  if (!S_ISREG(status.st_mode)) return "expected a regular file";
  if (status.st_size == 0) return "the file is empty";
  if (status.st_size > kMaxFileBytes) return cat("the file is larger than ", kMaxFileBytes);
  state.bytes = status.st_size;
  state.mtime_ns = int64_t{status.st_mtim.tv_sec} * 1'000'000'000 + status.st_mtim.tv_nsec;
  return "";
}

std::string read_bytes(const FileState& state, std::string& problem) {
  std::string bytes(static_cast<size_t>(state.bytes), '\0');
  try {
    InputFile file(state.path);
    if (file.read(bytes.data(), bytes.size()) < bytes.size()) problem = "cannot be read to its end";
  } catch (const InputError& error) {
    problem = error.what();
  }
  return bytes;
}

// Returns the hash of the pixels in full; empty when they cannot be decoded.
std::string add_pixels(ImageFacts& facts, std::string_view bytes, const std::string& path) {
  try {
    const image::Image image = image::decode(bytes, path);
    Sha256 pixels;
    pixels.update(cat(image.width_px, " ", image.height_px, "\n"));
    pixels.update({reinterpret_cast<const char*>(image.rgb_HWC.data()), image.rgb_HWC.size()});
    const std::string pixel_sha256 = pixels.hex();
    facts.pixels = digest_from_hex(pixel_sha256);
    facts.width_px = image.width_px;
    facts.height_px = image.height_px;
    facts.perceptual_hash = image::perceptual_hash(image);
    return pixel_sha256;
  } catch (const InputError& error) {
    facts.decode_problem = error.what();
    return "";
  }
}

std::string hex_of(uint64_t value) {
  std::string digits(16, '0');
  for (size_t i = 0; i < digits.size(); ++i)
    digits[15 - i] = "0123456789abcdef"[value >> 4 * i & 15U];
  return digits;
}

uint64_t number_of(std::string_view digits) {
  uint64_t value = 0;
  std::from_chars(digits.data(), digits.data() + digits.size(), value, 16);
  return value;
}

Json to_json(const FileState& state, const ImageFacts& facts, const std::string& pixel_sha256) {
  Json json = {{"path", state.path},
               {"bytes", state.bytes},
               {"mtime_ns", state.mtime_ns},
               {"sha256", facts.sha256},
               {"decoder", image::kDecodeVersion},
               {"kinds", facts.kinds()}};
  if (!facts.decode_problem.empty()) json["decode_problem"] = facts.decode_problem;
  if (facts.width_px == 0) return json;
  json["width_px"] = facts.width_px;
  json["height_px"] = facts.height_px;
  json["pixel_sha256"] = pixel_sha256;
  if (facts.perceptual_hash) json["perceptual_hash"] = hex_of(*facts.perceptual_hash);
  return json;
}

}  // namespace

std::vector<std::string> ImageFacts::kinds() const {
  std::vector<std::string> kinds = traits.names();
  if (foreign_kind > 0) kinds.push_back(cat(kNoImage, image::foreign_kind(foreign_kind).name));
  return kinds;
}

void ImageFacts::set_kinds(const std::vector<std::string>& kinds) {
  traits = image::Traits::of_names(kinds);
  for (const std::string_view kind : kinds) {
    if (!kind.starts_with(kNoImage)) continue;
    foreign_kind = static_cast<uint8_t>(image::foreign_kind_named(kind.substr(kNoImage.size())));
  }
}

ImageIndex::Known::Known(const ImageFacts& facts)
    : pixels(facts.pixels),
      perceptual_hash(facts.perceptual_hash.value_or(0)),
      width_px(static_cast<int32_t>(facts.width_px)),
      height_px(static_cast<int32_t>(facts.height_px)),
      traits(facts.traits),
      foreign_kind(facts.foreign_kind),
      has_perceptual_hash(facts.perceptual_hash.has_value()) {
  const std::string_view digits = facts.sha256;
  for (size_t i = 0; i < sha256.size(); ++i) sha256[i] = number_of(digits.substr(16 * i, 16));
  if (!facts.decode_problem.empty()) {
    decode_problem = std::make_unique<std::string>(facts.decode_problem);
  }
}

ImageFacts ImageIndex::Known::facts() const {
  ImageFacts facts;
  for (const uint64_t part : sha256) facts.sha256 += hex_of(part);
  if (decode_problem) facts.decode_problem = *decode_problem;
  facts.width_px = width_px;
  facts.height_px = height_px;
  facts.traits = traits;
  facts.foreign_kind = foreign_kind;
  facts.pixels = pixels;
  if (has_perceptual_hash) facts.perceptual_hash = perceptual_hash;
  return facts;
}

ImageIndex::ImageIndex(const std::string& path) : log_(path, "path") { learn_from(path); }

void ImageIndex::learn_from(const std::string& path) {
  if (!file_exists(path)) return;
  for_each_line(path, [&](size_t, std::string_view line) {
    try {
      load_line(line);
    } catch (const InputError&) {
      // A damaged line only costs reading its image again.
    }
  });
}

void ImageIndex::load_line(std::string_view line) {
  constexpr char kWhere[] = "image index";
  const Json json = parse_json(line, kWhere);
  const FileState state = {json_get<std::string>(json, "path", kWhere),
                           json_get<int64_t>(json, "bytes", kWhere),
                           json_get<int64_t>(json, "mtime_ns", kWhere)};
  // Of an older decoder: it made other pixels, or knew no kinds.
  if (json_get_or<int64_t>(json, "decoder", kWhere, 1) != image::kDecodeVersion) return;
  ImageFacts facts;
  facts.set_kinds(json_get_or<std::vector<std::string>>(json, "kinds", kWhere, {}));
  facts.sha256 = json_get<std::string>(json, "sha256", kWhere);
  facts.decode_problem = json_get_or<std::string>(json, "decode_problem", kWhere, "");
  facts.width_px = json_get_or<int64_t>(json, "width_px", kWhere, 0);
  facts.height_px = json_get_or<int64_t>(json, "height_px", kWhere, 0);
  if (facts.sha256.size() != 64) throw InputError(kWhere, "expected a SHA-256");
  facts.pixels = digest_from_hex(json_get_or<std::string>(json, "pixel_sha256", kWhere, ""));
  const auto hash = json_get_or<std::string>(json, "perceptual_hash", kWhere, "");
  if (!hash.empty()) facts.perceptual_hash = number_of(hash);
  known_.insert_or_assign(state.key(), Known(facts));
}

ImageFacts ImageIndex::look(const std::string& image_path, bool decoded) {
  FileState state{image_path};
  ImageFacts facts;
  facts.problem = stat_file(state);
  if (!facts.problem.empty()) return facts;
  const Digest key = state.key();
  {
    const std::lock_guard lock(mutex_);
    const auto known = known_.find(key);
    if (known != known_.end()) {
      ImageFacts found = known->second.facts();
      if (!decoded || found.is_decoded()) return found;
    }
  }
  const std::string bytes = read_bytes(state, facts.problem);
  if (!facts.problem.empty()) return facts;
  ++num_read_;
  facts.sha256 = sha256_hex(bytes);
  facts.traits = image::traits_of(bytes);
  facts.foreign_kind = static_cast<uint8_t>(image::foreign_kind_of(bytes));
  std::string pixel_sha256;
  if (decoded) pixel_sha256 = add_pixels(facts, bytes, image_path);
  const std::lock_guard lock(mutex_);
  log_.append(to_text(to_json(state, facts, pixel_sha256)));
  known_.insert_or_assign(key, Known(facts));
  return facts;
}

}  // namespace lmc::data
