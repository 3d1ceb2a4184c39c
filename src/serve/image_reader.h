// The images of requests, read with bounded memory: what decoding takes, and what waits for the engine.
//
// Threads: any.
// Errors: ApiError 400 for what cannot be read, with `parameter`, the member of the request that it came in, and the
//         code image_too_large or invalid_image; ClientLeft when the client does not wait for memory.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <vector>

#include "base/byte_budget.h"  // ByteBudget
#include "image/image.h"       // DicomFacts, DicomView, Image
#include "prompt/processor.h"  // Processor, PatchGrid

namespace lmc::serve {

// What the images of all requests may take at the same time. A request that needs more gets it
// while no other has any.
struct ImageMemory {
  size_t decoding_bytes = size_t{1} << 30;  // while files become pixels and patches
  size_t patches_bytes = size_t{1} << 30;   // from then until the request's reply is made
};

class ImageReader {
 public:
  using Patches = std::shared_ptr<const image::PatchGrid>;

  // The processor outlives it.
  ImageReader(const prompt::Processor& processor, const ImageMemory& memory)
      : processor_(processor),
        max_patches_bytes_(memory.patches_bytes),
        decoding_(memory.decoding_bytes),
        patches_(memory.patches_bytes) {}

  // `view` is for those that are DICOM.
  std::vector<Patches> read(std::span<const std::string> files, const std::string& parameter,
                            const std::stop_token& client_left, const image::DicomView& view = {});

  // The pixels that the model sees, the size of those in the file, and what DICOM says beside them.
  struct Seen {
    image::Image image;
    image::SizePx source;
    std::optional<image::DicomFacts> dicom;
  };
  Seen see(const std::string& file, const std::string& parameter,
           const std::stop_token& client_left, const image::DicomView& view = {});

  // Room for the patches of so many images of this size.
  ByteBudget::Share room_for(size_t count, image::SizePx size, const std::stop_token& client_left);
  // How many images of this size may wait for the engine together without crowding out others; at
  // least one.
  size_t fair_batch(image::SizePx size, size_t wanted) const;

 private:
  static ByteBudget::Share taken(ByteBudget& budget, size_t num_bytes,
                                 const std::stop_token& client_left);
  static Patches held_with(const ByteBudget::Share& share, const Patches& patches);
  size_t patches_bytes(int64_t area_px) const;
  ByteBudget::Share taken_for_decoding(const std::string& file, const std::stop_token& client_left);

  const prompt::Processor& processor_;
  const size_t max_patches_bytes_;
  ByteBudget decoding_;
  ByteBudget patches_;
};

}  // namespace lmc::serve
