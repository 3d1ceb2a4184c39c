#include "infer/stop_scanner.h"

#include <algorithm>
#include <utility>

namespace lmc::infer {

StopScanner::StopScanner(std::span<const std::string> stops) : stops_(stops.begin(), stops.end()) {}

std::string StopScanner::push(std::string_view piece) {
  if (found_) return {};
  held_ += piece;
  size_t first_end = std::string::npos;
  size_t longest = 0;
  for (const std::string& stop : stops_) {
    const size_t begin = held_.find(stop);
    if (begin == std::string::npos) continue;
    const size_t end = begin + stop.size();
    if (end < first_end || (end == first_end && stop.size() > longest)) {
      first_end = end;
      longest = stop.size();
    }
  }
  if (first_end != std::string::npos) {
    found_ = true;
    return std::exchange(held_, {}).substr(0, first_end - longest);
  }
  size_t keep = 0;
  for (const std::string& stop : stops_) {
    for (size_t size = std::min(stop.size() - 1, held_.size()); size > keep; --size) {
      if (std::string_view(held_).ends_with(std::string_view(stop).substr(0, size))) keep = size;
    }
  }
  std::string final_text = held_.substr(0, held_.size() - keep);
  held_.erase(0, final_text.size());
  return final_text;
}

std::string StopScanner::finish() { return std::exchange(held_, {}); }

}  // namespace lmc::infer
