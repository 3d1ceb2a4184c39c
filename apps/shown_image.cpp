#include "apps/shown_image.h"

#include <iostream>
#include <utility>

#include "base/check.h"  // InputError
#include "base/files.h"  // read_file

namespace lmc::apps {

namespace {

void note_view(const std::string& path, const image::DicomFacts& facts) {
  std::cerr << "note: " << path << ": " << image::summary_of(facts);
  if (!facts.presets.empty()) {
    std::cerr << "; windows:";
    for (const image::Window& preset : facts.presets) {
      std::cerr << (&preset == &facts.presets.front() ? " " : ", ") << preset.name;
    }
  }
  std::cerr << "\n";
  if (!facts.burned_in.empty()) std::cerr << "warning: " << path << ": " << facts.burned_in << "\n";
}

}  // namespace

image::Image read_shown_image(const std::string& path, const image::DicomView& view) {
  image::DecodeOptions options;
  options.view = view;
  image::Decoded decoded = image::decode_with_traits(read_file(path), path, options);
  if (decoded.dicom) {
    note_view(path, *decoded.dicom);
    return std::move(decoded.image);
  }
  if (view.frame != 0 || !view.window.empty()) {
    throw InputError(path, "only DICOM has frames and windows to choose from");
  }
  const std::string done = image::treatments_of(decoded.traits);
  if (!done.empty()) std::cerr << "note: " << path << ": " << done << "\n";
  return std::move(decoded.image);
}

}  // namespace lmc::apps
