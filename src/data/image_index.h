// What is known of each image file, so that no file is read twice: not by this run, not by the
// next one.
//
// File: JSON Lines, append-only, one image a line: {"path", "bytes", "mtime_ns", "sha256",
//       "decoder", "kinds"} and, once decoded, {"width_px", "height_px", "pixel_sha256",
//       "perceptual_hash"} (absent: tiny or flat) or {"decode_problem"}. A line counts while the
//       file has that size and time, and the decoder that version; the last one wins. Each is
//       handed to the system at once: a kill loses only what was being read.
// Errors: InputError when the file cannot be written, or another process is writing it.
// Threads: look() may be called from several threads at once.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/digest.h"
#include "base/files.h"  // AppendLog
#include "base/json.h"   // Json
#include "image/traits.h"

namespace lmc::data {

// The index's name in a prepared folder.
inline constexpr char kImageIndexFile[] = "pictures.jsonl";

struct ImageFacts {
  std::string problem;  // not empty: the file cannot be read, and nothing else is known
  std::string sha256;   // of the file's bytes
  image::Traits traits;
  uint8_t foreign_kind = 0;  // its number in image/foreign_file.h, when it is no image
  std::string decode_problem;
  int64_t width_px = 0;  // 0: not decoded
  int64_t height_px = 0;
  Digest pixels;  // of "<width> <height>\n" and the decoded RGB bytes
  std::optional<uint64_t> perceptual_hash;

  bool is_decoded() const { return width_px > 0 || !decode_problem.empty(); }

  // What is to be told of the file: its traits, or "not a picture: DICOM". Empty: plain 8-bit gray
  // or RGB, or nothing that is known.
  std::vector<std::string> kinds() const;
  void set_kinds(const std::vector<std::string>& kinds);
};

class ImageIndex {
 public:
  explicit ImageIndex(const std::string& path);

  // What is known of the file; read (and, if asked for, decoded) only when that is not yet known.
  ImageFacts look(const std::string& image_path, bool decoded);

  // Takes over what another index's file says; a file that is not there says nothing.
  void learn_from(const std::string& path);

  int64_t num_read() const { return num_read_; }

 private:
  // The facts of a readable file in little memory: hundreds of thousands are held.
  struct Known {
    explicit Known(const ImageFacts& facts);
    ImageFacts facts() const;

    std::array<uint64_t, 4> sha256{};
    Digest pixels;
    uint64_t perceptual_hash = 0;
    std::unique_ptr<std::string> decode_problem;
    int32_t width_px = 0;
    int32_t height_px = 0;
    image::Traits traits;
    uint8_t foreign_kind = 0;
    bool has_perceptual_hash = false;
  };

  void load_line(std::string_view line);

  std::mutex mutex_;
  AppendLog log_;
  std::unordered_map<Digest, Known> known_;  // by path, size and time
  std::atomic<int64_t> num_read_ = 0;
};

}  // namespace lmc::data
