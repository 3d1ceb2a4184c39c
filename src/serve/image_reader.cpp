#include "serve/image_reader.h"

#include <algorithm>
#include <utility>

#include "base/check.h"                 // cat, InputError
#include "grounding/image_condition.h"  // at_model_size
#include "serve/api_error.h"            // ApiError
#include "serve/client_left.h"          // ClientLeft

namespace lmc::serve {

namespace {

// By the head of a file; of a head that does not say, the most there may be.
int64_t most_pixels(const std::string& file) {
  const int64_t said = image::num_pixels_of(file);
  return said > 0 ? std::min(said, image::kMaxPixels) : image::kMaxPixels;
}

// What `read` returns; an image's fault is the request's.
template <class Read>
auto of_request(const std::string& parameter, const Read& read) {
  try {
    return read();
  } catch (const image::ImageTooLarge& error) {
    throw ApiError(400, error.what(), "image_too_large", parameter);
  } catch (const InputError& error) {
    throw ApiError(400, error.what(), "invalid_image", parameter);
  }
}

image::Decoded decoded(const std::string& file, const std::string& where,
                       const image::DicomView& view) {
  return image::decode_with_traits(file, where, image::DecodeOptions{most_pixels(file), view});
}

}  // namespace

std::vector<ImageReader::Patches> ImageReader::read(std::span<const std::string> files,
                                                    const std::string& parameter,
                                                    const std::stop_token& client_left,
                                                    const image::DicomView& view) {
  if (files.empty()) return {};
  size_t num_bytes = 0;
  const image::PreprocessOptions& options = processor_.preprocess_options();
  for (const std::string& file : files) {
    num_bytes += patches_bytes(
        std::min(std::max(most_pixels(file), options.min_area_px), options.max_area_px));
  }
  // For all of them at once: requests that each hold a part and wait for the rest would wait for
  // ever.
  const ByteBudget::Share share = taken(patches_, num_bytes, client_left);
  std::vector<Patches> images;
  for (const std::string& file : files) {
    const std::string where = cat("image ", images.size() + 1);
    const ByteBudget::Share decoding = taken_for_decoding(file, client_left);
    images.push_back(held_with(share, of_request(parameter, [&] {
                                 return processor_.patches(decoded(file, where, view).image, where);
                               })));
  }
  return images;
}

ImageReader::Seen ImageReader::see(const std::string& file, const std::string& parameter,
                                   const std::stop_token& client_left,
                                   const image::DicomView& view) {
  const ByteBudget::Share decoding = taken_for_decoding(file, client_left);
  return of_request(parameter, [&]() -> Seen {
    image::Decoded found = decoded(file, "image", view);
    return {grounding::at_model_size(found.image, processor_.preprocess_options(), "image"),
            {found.image.height_px, found.image.width_px},
            std::move(found.dicom)};
  });
}

ByteBudget::Share ImageReader::taken(ByteBudget& budget, size_t num_bytes,
                                     const std::stop_token& client_left) {
  ByteBudget::Share share = budget.take(num_bytes, client_left);
  if (!share) throw ClientLeft();
  return share;
}

// The share goes back with the last copy of the patches.
ImageReader::Patches ImageReader::held_with(const ByteBudget::Share& share,
                                            const Patches& patches) {
  const auto both = std::make_shared<std::pair<ByteBudget::Share, Patches>>(share, patches);
  return {both, patches.get()};
}

size_t ImageReader::patches_bytes(int64_t area_px) const {
  constexpr int64_t kChannels = 3;
  return static_cast<size_t>(area_px * kChannels *
                             processor_.preprocess_options().temporal_patch_size) *
         sizeof(float);
}

ByteBudget::Share ImageReader::room_for(size_t count, image::SizePx size,
                                        const std::stop_token& client_left) {
  return taken(patches_, count * patches_bytes(size.height * size.width), client_left);
}

size_t ImageReader::fair_batch(image::SizePx size, size_t wanted) const {
  constexpr size_t kShares = 8;
  const size_t most = max_patches_bytes_ / kShares / patches_bytes(size.height * size.width);
  return std::clamp<size_t>(most, 1, wanted);
}

ByteBudget::Share ImageReader::taken_for_decoding(const std::string& file,
                                                  const std::stop_token& client_left) {
  return taken(decoding_, static_cast<size_t>(most_pixels(file) * image::kMaxBytesPerPixel),
               client_left);
}

}  // namespace lmc::serve
