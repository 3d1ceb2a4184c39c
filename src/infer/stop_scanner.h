// Finds stop strings in text that comes in pieces, wherever the pieces are cut.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace lmc::infer {

class StopScanner {
 public:
  explicit StopScanner(std::span<const std::string> stops);

  // The text that is now final: all that came, without what may yet become a stop string. Of
  // several stop strings the one that is complete first counts; of those, the longest.
  std::string push(std::string_view piece);

  // True once a stop string was complete; what follows it is dropped.
  bool found() const { return found_; }

  // What was held back, as nothing more will come.
  std::string finish();

 private:
  std::vector<std::string> stops_;
  std::string held_;
  bool found_ = false;
};

}  // namespace lmc::infer
