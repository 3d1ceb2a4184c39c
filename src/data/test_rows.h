// For tests only: all rows of a source at once.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "data/source_row.h"

namespace lmc::data {

struct RejectedRow {
  int64_t row = 0;
  std::string reason;
  std::string detail;
};

struct SourceQuestion {
  record::Question question;
  int64_t row = 0;
};

struct QuestionSet {
  std::vector<SourceQuestion> questions;
  std::vector<RejectedRow> rejected;
  std::map<std::string, int64_t> notes;

  VisitRow collect() {
    return [this](SourceRow& row) {
      for (const char* note : row.notes) ++notes[note];
      if (row.is_rejected()) {
        rejected.push_back({row.number, row.reason, row.detail});
      } else {
        questions.push_back({std::move(row.question), row.number});
      }
    };
  }
};

using ForEachRow = void (*)(const std::string& path, const VisitRow& visit);

inline QuestionSet read_rows(ForEachRow for_each, const std::string& path) {
  QuestionSet set;
  for_each(path, set.collect());
  return set;
}

inline QuestionSet read_pmc_vqa(const std::string& path) {
  return read_rows(for_each_pmc_vqa, path);
}
inline QuestionSet read_vqa_rad(const std::string& path) {
  return read_rows(for_each_vqa_rad, path);
}
inline QuestionSet read_path_vqa(const std::string& path) {
  return read_rows(for_each_path_vqa, path);
}
inline QuestionSet read_csv(const std::string& path) { return read_rows(for_each_csv, path); }
inline QuestionSet read_slake(const std::string& path, const std::string& image_folder) {
  QuestionSet set;
  for_each_slake(path, image_folder, set.collect());
  return set;
}

}  // namespace lmc::data
