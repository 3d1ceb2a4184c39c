#include "data/track.h"

#include "base/check.h"  // InputError

namespace lmc::data {

const Track* find_track(const std::string& name) {
  if (name.empty()) return nullptr;
  for (const Track& track : kTracks) {
    if (name == track.name) return &track;
  }
  throw InputError("--track", cat("there is no track \"", name, "\""));
}

std::vector<std::string> track_names() {
  std::vector<std::string> names;
  for (const Track& track : kTracks) names.emplace_back(track.name);
  return names;
}

}  // namespace lmc::data
