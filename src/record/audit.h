// audit.json: what a prepared set holds, what it leaves out, and what leaks between its splits and
// into other sets.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "base/json.h"          // Json
#include "record/proportion.h"  // Proportion

namespace lmc::record {

struct RejectedRow {
  int64_t row = 0;     // from 1, a table's header not counted
  std::string detail;  // what was found
};

struct RejectedReason {
  std::string reason;
  int64_t rows = 0;
  std::vector<RejectedRow> first;  // a few
};

struct AuditedSplit {
  std::string name;
  int64_t questions = 0;
  std::map<char, int64_t> gold_letters;
  char best_letter = 'A';
  Proportion best_constant;          // always giving the commonest gold letter
  Proportion longest_option;         // always choosing the longest option, the first of equals
  double longest_option_chance = 0;  // what that would score if length said nothing: over the
                                     // letters, P(longest) x P(gold)
};

// Two rows that should not both be there.
struct RepeatedRows {
  int64_t first_row = 0;
  int64_t second_row = 0;
  std::string question;
};

struct Duplicates {
  int64_t same_question = 0;      // rows with the image, text and options of an earlier row
  int64_t other_gold_letter = 0;  // of those, with another gold letter
  int64_t other_gold_text = 0;    // rows with the image and text of an earlier row and another
                                  // gold text, whatever the options
  int64_t shared_texts = 0;       // question texts that more than one row has
  int64_t contested_texts = 0;    // of those, with more than one gold text
  std::vector<RepeatedRows> first;
};

struct SizeBin {
  int64_t from_px = 0;  // of the longer side; up to the next bin's
  int64_t images = 0;
};

// Files that are no upright 8-bit gray or RGB.
struct ImageKind {
  std::string kind;  // "turned"; "not a picture: DICOM"
  int64_t images = 0;
  std::vector<std::string> first;  // the paths of a few
};

struct AuditedImages {
  bool looked_at = false;
  int64_t files = 0;            // distinct paths of used questions
  int64_t distinct_files = 0;   // by their bytes
  int64_t distinct_pixels = 0;  // by their decoded pixels
  int64_t rows_missing = 0;     // rejected for it
  int64_t rows_unreadable = 0;
  int64_t undecodable = 0;
  int64_t below_28_px = 0;     // shorter side
  int64_t above_1024_px = 0;   // longer side
  int64_t not_comparable = 0;  // tiny or flat: left out of the near-duplicates
  std::vector<SizeBin> sizes;
  std::vector<ImageKind> kinds{};  // a file may be of several
};

// What two parts share. A part is a split of this set or of another one ("other: train").
struct Overlap {
  std::string first;
  std::string second;
  int64_t same_files = 0;
  int64_t same_pixels = 0;
  int64_t near_pairs = 0;  // pairs of images with other pixels and nearly the same hash
  int64_t same_texts = 0;  // question texts
  int64_t same_groups = 0;

  bool is_empty() const {
    return same_files + same_pixels + near_pairs + same_texts + same_groups == 0;
  }
};

struct NearPair {
  std::string first;  // part
  std::string first_image;
  std::string second;
  std::string second_image;
  int64_t distance = 0;  // bits of 64; 0 may still be another image
};

struct Audit {
  std::string source;  // the file's name
  std::string track;
  int64_t rows = 0;
  int64_t questions = 0;
  int64_t left_out = 0;
  std::vector<RejectedReason> rejected;
  std::map<std::string, int64_t> notes;  // oddities that spoil no question, counted
  std::map<std::string, std::vector<int64_t>> note_rows;  // the first few rows of each
  std::vector<AuditedSplit> splits;
  Duplicates duplicates;
  AuditedImages images;
  int64_t near_distance = 0;  // the largest that counts as near
  std::vector<std::string> parts;
  std::vector<Overlap> overlaps;  // for every two parts of which one is this set's
  std::vector<NearPair> near_pairs;
};

Json to_json(const Audit& audit);
Audit audit_from_json(const Json& json, std::string_view where);

}  // namespace lmc::record
