// The stage `prepare`: a published data set, or own data, to questions.jsonl.
//
// Rows flow from the source to the files in batches: the memory does not grow with their texts.
// Writes into the folder `out`:
//   questions.jsonl   the questions, in the order of the source; image paths relative to the folder
//   rejected.jsonl    {"file", "row", "reason", "detail"} of each row that made none
//   row_ids.txt       the id of each question, one a line, in order
//   result.json       how many of each, by reason; gold letters; oddities that were let pass; the
//                     track; the SHA-256 of row_ids.txt
//   manifest.json     options and input hashes
//   pictures.jsonl    what is known of each image file: see image_index.h
//   audit.json, audit.html   with `audit`
// Errors: InputError for options and files, and when no row at all is usable. Interrupted between
// two batches; what was learned of the images is kept.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <ostream>
#include <string>
#include <vector>

#include "base/fields.h"   // Field
#include "base/json.h"     // Json
#include "record/audit.h"  // Audit

namespace lmc::data {

struct PrepareOptions {
  std::string pmc_vqa;
  std::string vqa_rad;
  std::string slake;
  std::string path_vqa;
  std::string csv;
  std::string jsonl;
  std::string images;
  bool no_images = false;
  bool decode_images = false;
  std::string boxes;
  std::string out;
  std::string split;
  std::string track;
  int64_t limit = 0;
  int64_t sample = 0;
  int64_t seed = 0;
  bool audit = false;
  std::vector<std::string> against;

  std::vector<Field> fields();
};

struct PrepareResult {
  std::string track;
  int64_t rows = 0;  // of the source
  int64_t questions = 0;
  int64_t left_out = 0;                     // usable rows that split, limit or sample left out
  std::map<std::string, int64_t> rejected;  // by reason
  std::map<std::string, int64_t> notes;
  std::map<char, int64_t> gold_letters;
  // Image files of the questions that are no upright 8-bit gray or RGB, by kind; a file may be of
  // several. See ImageFacts::kinds.
  std::map<std::string, int64_t> image_kinds;
  std::string row_ids_sha256;
  int64_t images_read = 0;  // files; the others were known. Not in result.json

  int64_t num_rejected() const;
};

Json to_json(const PrepareResult& result);

// A few lines for the user.
std::string summary(const PrepareResult& result);

struct PrepareHooks {
  std::ostream* progress = nullptr;                               // where progress is shown
  std::function<std::string(const record::Audit&)> audit_page{};  // audit.html; none: not written
};

PrepareResult prepare(const PrepareOptions& options, const PrepareHooks& hooks = {});

}  // namespace lmc::data
