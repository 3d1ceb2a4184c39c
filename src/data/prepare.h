// The stage `prepare`: a published data set, or own data, to questions.jsonl.
//
// Writes into the folder `out`:
//   questions.jsonl   the questions, in the order of the source; image paths relative to the folder
//   rejected.jsonl    {"file", "row", "reason", "detail"} of each row that made none
//   result.json       how many of each, by reason; gold letters; oddities that were let pass
//   manifest.json     options and input hashes
// Errors: InputError for options and files, and when no row at all is usable.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "base/fields.h"  // Field
#include "base/json.h"    // Json

namespace lmc::data {

struct PrepareOptions {
  std::string pmc_vqa;
  std::string vqa_rad;
  std::string slake;
  std::string jsonl;
  std::string images;
  bool decode_images = false;
  std::string boxes;
  std::string out;
  std::string split;
  int64_t limit = 0;
  int64_t sample = 0;
  int64_t seed = 0;

  std::vector<Field> fields();
};

struct PrepareResult {
  int64_t questions = 0;
  int64_t left_out = 0;                     // usable rows that split, limit or sample left out
  std::map<std::string, int64_t> rejected;  // by reason
  std::map<std::string, int64_t> notes;
  std::map<char, int64_t> gold_letters;

  int64_t num_rejected() const;
};

Json to_json(const PrepareResult& result);

// A few lines for the user.
std::string summary(const PrepareResult& result);

// `progress` is called for each picture that was looked at, from any thread.
PrepareResult prepare(const PrepareOptions& options, const std::function<void()>& progress = {});

}  // namespace lmc::data
