#include "serve/chat_backend.h"

#include <algorithm>
#include <memory>
#include <utility>
#include <vector>

#include "base/byte_budget.h"    // ByteBudget
#include "image/image.h"         // decode_with_traits, num_pixels_of
#include "prompt/begun_reply.h"  // begin_reply
#include "serve/client_left.h"   // ClientLeft

namespace lmc::serve {

namespace {

using Patches = std::shared_ptr<const image::PatchGrid>;

// By the head of a file; of a head that does not say, the most there may be.
int64_t most_pixels(const std::string& file) {
  const int64_t said = image::num_pixels_of(file);
  return said > 0 ? std::min(said, image::kMaxPixels) : image::kMaxPixels;
}

class ImageReader {
 public:
  ImageReader(const prompt::Processor& processor, const ImageMemory& memory)
      : processor_(processor), decoding_(memory.decoding_bytes), patches_(memory.patches_bytes) {}

  std::vector<Patches> read(const std::vector<std::string>& files,
                            const std::stop_token& client_left) {
    if (files.empty()) return {};
    size_t num_bytes = 0;
    for (const std::string& file : files) num_bytes += patches_bytes(file);
    // For all of them at once: requests that each hold a part and wait for the rest would wait for
    // ever.
    const ByteBudget::Share share = taken(patches_, num_bytes, client_left);
    std::vector<Patches> images;
    for (const std::string& file : files) {
      const std::string where = cat("image ", images.size() + 1);
      images.push_back(held_with(share, read(file, where, client_left)));
    }
    return images;
  }

 private:
  static ByteBudget::Share taken(ByteBudget& budget, size_t num_bytes,
                                 const std::stop_token& client_left) {
    ByteBudget::Share share = budget.take(num_bytes, client_left);
    if (!share) throw ClientLeft();
    return share;
  }

  // The share goes back with the last copy of the patches.
  static Patches held_with(const ByteBudget::Share& share, Patches patches) {
    const auto both = std::make_shared<std::pair<ByteBudget::Share, Patches>>(share, patches);
    return {both, patches.get()};
  }

  size_t patches_bytes(const std::string& file) const {
    const image::PreprocessOptions& options = processor_.preprocess_options();
    const int64_t area_px =
        std::min(std::max(most_pixels(file), options.min_area_px), options.max_area_px);
    constexpr int64_t kChannels = 3;
    return static_cast<size_t>(area_px * kChannels * options.temporal_patch_size) * sizeof(float);
  }

  Patches read(const std::string& file, const std::string& where,
               const std::stop_token& client_left) {
    const int64_t num_pixels = most_pixels(file);
    const ByteBudget::Share share =
        taken(decoding_, static_cast<size_t>(num_pixels * image::kMaxBytesPerPixel), client_left);
    return processor_.patches(image::decode_with_traits(file, where, num_pixels).image, where);
  }

  const prompt::Processor& processor_;
  ByteBudget decoding_;
  ByteBudget patches_;
};

}  // namespace

ChatBackend engine_backend(std::string model, infer::Engine& engine,
                           const prompt::Processor& processor, ImageMemory memory) {
  const auto reader = std::make_shared<ImageReader>(processor, memory);
  const auto prepare = [&processor, reader](const ChatRequest& request,
                                            const std::stop_token& client_left) {
    prompt::ModelInput input =
        processor.for_reply(request.messages, reader->read(request.images, client_left));
    prompt::begin_reply(input, request.begun_reply, processor);
    return input;
  };
  return {std::move(model), prepare, engine, processor.tokenizer(), processor.end_ids()};
}

}  // namespace lmc::serve
