// Which published test set a run's questions are.
#pragma once

#include <optional>
#include <string>

#include "record/manifest.h"  // Manifest

namespace lmc::report {

struct RunTrack {
  std::string name;  // as in `prepare --track`; empty: not known
  std::string how;   // it is known, or why it is not
};

// By the result.json beside the questions that the run's manifest names, or beside `questions` (may
// be empty) where the manifest has the same hash for them. `manifest` may be none. Questions that
// are only a part of the track, or were changed since, have no track.
RunTrack track_of_run(const std::optional<record::Manifest>& manifest,
                      const std::string& questions);

}  // namespace lmc::report
