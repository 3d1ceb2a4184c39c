// Gathers, row by row, what `prepare --audit` says about a set: of a row only hashes are kept, of
// an image its hashes, size and path.
//
// Hashes of texts are of lower-case text with single blanks. Keys of rows are 64 bits: among
// 227,000 rows two different ones are taken for equal with a chance of 1e-9.
#pragma once

#include <map>
#include <ostream>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "data/images.h"  // FoundImage, RelativePaths
#include "data/overlap.h"
#include "data/source_row.h"
#include "record/audit.h"  // Audit

namespace lmc::data {

class Auditor {
 public:
  // Image paths in the audit are relative to `folder`.
  explicit Auditor(const std::string& folder) : paths_(folder) {}

  // A row as it ended: used or rejected. `image`: null when images are not looked for.
  void add(const SourceRow& row, const FoundImage* image);

  // Another prepared set: a folder with questions.jsonl, or such a file. Its images are looked up
  // when this set's are.
  // Errors: InputError.
  void add_other(const std::string& path, ImageIndex* image_index, std::ostream* progress);

  // To be called once.
  record::Audit finish();

 private:
  struct SplitCounts {
    int64_t questions = 0;
    int64_t longest_right = 0;
    std::map<char, int64_t> gold;
    std::map<char, int64_t> longest;
  };
  struct FirstRow {
    int64_t row = 0;
    char gold = 'A';
    uint32_t gold_text = 0;
  };
  struct TextOfRow {
    uint64_t text = 0;
    uint64_t gold_text = 0;
  };
  struct Image {
    std::string path;
    PartMask parts = 0;
    Digest file;
    Digest pixels;
    std::optional<uint64_t> hash;
    int64_t width_px = 0;
    int64_t height_px = 0;
    bool is_undecodable = false;
    std::vector<std::string> kinds;  // of most: none
  };

  size_t part_of(const std::string& set, const std::string& split);
  void add_question(const record::Question& question, size_t part, const FoundImage* image);
  void count_letters(const record::Question& question);
  void find_repetitions(const record::Question& question, int64_t row, const std::string& image);
  std::vector<record::AuditedSplit> split_report() const;
  void count_texts(record::Duplicates& duplicates);
  record::AuditedImages image_report() const;
  void find_near_pairs(PartTable& near, record::Audit& audit);

  RelativePaths paths_;
  bool has_images_ = false;
  std::vector<std::string> parts_;
  std::set<std::string> other_names_;
  PartMask own_parts_ = 0;
  std::map<std::string, record::RejectedReason> rejected_;
  std::map<std::string, SplitCounts> splits_;
  std::unordered_map<uint64_t, FirstRow> by_question_;  // image, text and options
  std::unordered_map<uint64_t, FirstRow> by_text_;      // image and text
  record::Duplicates duplicates_;
  std::vector<TextOfRow> texts_of_rows_;
  std::vector<Placed> texts_;
  std::vector<Placed> groups_;
  std::unordered_map<Digest, uint32_t> image_of_path_;
  std::vector<Image> images_;
};

}  // namespace lmc::data
