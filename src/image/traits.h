// What an image file has that upright 8-bit gray or RGB has not. Read from the file's head alone.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace lmc::image {

enum class Trait : uint8_t {
  kTurned,
  kAlpha,
  kCmyk,
  kGray16,
  kColor16,
  kPalette,
  kFewBits,
  kDicom,
  kFrames,
  kBurnedIn
};

// The order of Trait. Written to files: never change a name.
inline constexpr std::array<std::string_view, 10> kTraitNames = {
    "turned",  "transparency", "CMYK",  "16-bit grey",    "16-bit colour",
    "palette", "under 8 bits", "DICOM", "several frames", "text may be burned in"};

class Traits {
 public:
  void add(Trait trait) {
    bits_ = static_cast<uint16_t>(bits_ | 1U << static_cast<unsigned>(trait));
  }
  bool has(Trait trait) const { return (bits_ >> static_cast<unsigned>(trait) & 1U) != 0; }

  // Upright 8-bit gray or RGB: every program shows this file alike.
  bool is_plain() const { return bits_ == 0; }
  bool operator==(const Traits&) const = default;

  std::vector<std::string> names() const;
  // Names that are not known are skipped.
  static Traits of_names(const std::vector<std::string>& names);

 private:
  uint16_t bits_ = 0;
};

// What decode() does about a trait, for people: "white stands behind what is transparent".
std::string_view treatment_of(Trait trait);

// The treatments of those traits of which a naive reader makes another image, joined by "; ".
// Empty when there are none.
std::string treatments_of(const Traits& traits);

}  // namespace lmc::image
