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

template <class... Arguments>
QuestionSet read_rows(void (*for_each)(const Arguments&..., const VisitRow&),
                      const std::type_identity_t<Arguments>&... arguments) {
  QuestionSet set;
  for_each(arguments..., set.collect());
  return set;
}

inline QuestionSet read_pmc_vqa(const std::string& path) {
  return read_rows<std::string>(for_each_pmc_vqa, path);
}
inline QuestionSet read_vqa_rad(const std::string& path) {
  return read_rows<std::string>(for_each_vqa_rad, path);
}
inline QuestionSet read_path_vqa(const std::string& path) {
  return read_rows<std::string>(for_each_path_vqa, path);
}
inline QuestionSet read_csv(const std::string& path) {
  return read_rows<std::string>(for_each_csv, path);
}
inline QuestionSet read_slake(const std::string& path, const std::string& image_folder) {
  return read_rows<std::string, std::string>(for_each_slake, path, image_folder);
}

}  // namespace lmc::data
