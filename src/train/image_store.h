// Images of the samples: read once where several samples share one, and what a frozen vision
// tower makes of them, kept on disk.
//
// Cache: FOLDER/<tower>/<2 digits>/<SHA-256 of the image file>.safetensors with "merged",
// "deepstack.<k>" and the grid. <tower> names the vision weights, their arithmetic, the decoder and
// the preprocessing, so epochs, arms, seeds and runs share what they can and nothing else. Features
// go through the cache's dtype whether they were found or just made, so a cold cache and a warm one
// give the same bytes.
// Pixels are there until the features are made; an image keeps its grid alone from then on.
// Threads: any; who asks for the features of an image that another thread is making waits for
// them.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>

#include "model/qwen3_vl.h"    // Qwen3Vl, VisionFeatures
#include "prompt/processor.h"  // Processor

namespace lmc::train {

// More than the images of a few steps have; half a gigabyte of the 2B model's features in f32.
inline constexpr int64_t kMaxCachedTokens = 16384;

class ImageStore {
 public:
  // `model` null: the tower is trained, and features() is not called. `cache_folder` empty: none.
  // Features stay in memory while they have at most `kept_tokens` between them.
  ImageStore(const prompt::Processor& processor, model::Qwen3Vl* model,
             const std::string& cache_folder, torch::Dtype cache_dtype,
             int64_t kept_tokens = kMaxCachedTokens);

  // The patches of an image; without pixels where the cache has its features.
  // Errors: InputError for an unreadable or changed file (data/read_image.h).
  std::shared_ptr<const image::PatchGrid> read(const std::string& path, const std::string& sha256);

  // Of an image that read() gave.
  model::VisionFeatures features(const std::shared_ptr<const image::PatchGrid>& image);

  int64_t found() const { return found_; }  // images whose features came from the cache
  int64_t made() const { return made_; }    // and those that went through the tower

 private:
  struct Known {
    std::weak_ptr<image::PatchGrid> grid;
    std::string sha256;
  };
  struct Entry {
    std::string path, sha256;
  };
  std::string cached_path(const std::string& sha256) const;
  Entry entry_of(const image::PatchGrid& grid);
  model::VisionFeatures find_or_make(const image::PatchGrid& image);
  model::VisionFeatures from_cache(const std::string& path) const;
  void remember(const std::shared_ptr<const image::PatchGrid>& image,
                const model::VisionFeatures& features);
  void store(const model::VisionFeatures& features, const image::PatchGrid& grid,
             const std::string& path) const;

  const prompt::Processor& processor_;
  model::Qwen3Vl* model_;
  torch::Dtype dtype_;
  std::string folder_;  // of this tower; empty: no cache
  std::mutex mutex_;    // of what follows
  std::map<std::string, Known> by_path_;
  std::map<const image::PatchGrid*, std::string> path_of_;  // of each that lives, and of some more
  std::set<const image::PatchGrid*> in_making_;
  std::condition_variable made_one_;
  // What the samples of the last steps have asked for.
  std::map<std::shared_ptr<const image::PatchGrid>, model::VisionFeatures> recent_;
  int64_t recent_rows_ = 0;
  int64_t kept_tokens_;
  std::atomic<int64_t> found_ = 0, made_ = 0;
};

}  // namespace lmc::train
