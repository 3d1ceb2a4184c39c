// The evaluation tracks of PMC-VQA. Their figures must never be compared: other questions, other
// images, other shares of the letters.
//
// Source: row counts of the published files (RadGenome/PMC-VQA).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace lmc::data {

struct Track {
  const char* name;
  int64_t rows;           // of the file
  int64_t sample;         // drawn from it at random; 0: all are used
  const char* id_prefix;  // of the version's questions
};

inline constexpr Track kTracks[] = {
    {"test_clean", 2000, 0, "pmc-vqa-1/"},
    {"test", 50000, 0, "pmc-vqa-1/"},
    {"test_2", 33430, 0, "pmc-vqa-2/"},
    {"test_2_sample", 33430, 2000, "pmc-vqa-2/"},
};

// Null for the empty name.
// Errors: InputError for an unknown one.
const Track* find_track(const std::string& name);

std::vector<std::string> track_names();

}  // namespace lmc::data
