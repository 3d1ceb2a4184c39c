#include "image/traits.h"

#include <algorithm>

namespace lmc::image {

namespace {

constexpr std::array<std::string_view, kTraitNames.size()> kTreatments = {
    "turned upright, as its EXIF orientation says",
    "white stands behind what is transparent",
    "CMYK inks are read as Pillow reads them",
    "16-bit grey is scaled to its own range: the darkest visible value is black, the brightest "
    "white",
    "of 16-bit colour the top eight of the bits in use are kept",
    "colours are looked up in the palette",
    "grey of 1, 2 or 4 bits is spread over 8",
    "shown by the file's own window",
    "of several frames one is shown",
    "writing in the pixels stays, and may name the patient"};

Trait trait_at(size_t place) { return static_cast<Trait>(place); }

}  // namespace

std::vector<std::string> Traits::names() const {
  std::vector<std::string> names;
  for (size_t i = 0; i < kTraitNames.size(); ++i) {
    if (has(trait_at(i))) names.emplace_back(kTraitNames[i]);
  }
  return names;
}

Traits Traits::of_names(const std::vector<std::string>& names) {
  Traits traits;
  for (const std::string& name : names) {
    const auto found = std::find(kTraitNames.begin(), kTraitNames.end(), name);
    if (found != kTraitNames.end()) {
      traits.add(trait_at(static_cast<size_t>(found - kTraitNames.begin())));
    }
  }
  return traits;
}

std::string_view treatment_of(Trait trait) { return kTreatments[static_cast<size_t>(trait)]; }

std::string treatments_of(const Traits& traits) {
  std::string text;
  for (const Trait trait : {Trait::kTurned, Trait::kAlpha, Trait::kCmyk, Trait::kGray16,
                            Trait::kColor16, Trait::kFrames, Trait::kBurnedIn}) {
    if (!traits.has(trait)) continue;
    if (!text.empty()) text += "; ";
    text += treatment_of(trait);
  }
  return text;
}

}  // namespace lmc::image
