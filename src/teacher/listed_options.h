// The options that a foreign prompt lists, and how its letters stand to ours.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace lmc::teacher {

// "A. Liver\nB. Heart", "Options: A: 4, B: 8", "(A) yes (B) no": letters A, B, ... in this order.
class ListedOptions {
 public:
  explicit ListedOptions(std::string_view prompt);

  // Two or more were found.
  bool any() const { return texts_of_.size() > 1; }

  // Whether a text with this reading::words_hash is listed.
  bool has(uint64_t text_hash) const;

  // The prompt's letter of each of our options, by our letter; nothing when an option is not listed
  // or two are listed that cannot be told apart. Options with the same words are told apart by
  // their signs ("CD4" and "CD4-"), as reading::OptionTexts does.
  std::optional<std::map<char, char>> letters_of(const std::map<char, std::string>& ours) const;

 private:
  struct Text {
    uint64_t hash = 0;
    std::string written;
  };
  // Where the last text ends may be unclear: it has several readings.
  std::map<char, std::vector<Text>> texts_of_;
};

}  // namespace lmc::teacher
