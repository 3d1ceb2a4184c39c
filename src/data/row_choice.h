// Which of a source's usable rows are kept: those of a split, of them a random sample, of it the
// first ones. Rows are seen in the source's order, twice when a sample is drawn.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "record/question.h"  // Question

namespace lmc::data {

class RowChoice {
 public:
  // 0: no sample, no limit; empty: every split.
  RowChoice(std::string split, int64_t sample, int64_t limit, int64_t seed)
      : split_(std::move(split)), sample_(sample), limit_(limit), seed_(seed) {}

  // First pass: of every usable row. Then draw().
  void count(const record::Question& question);
  void draw();
  int64_t num_chosen() const;  // after the first pass

  // Second pass, or the only one without a sample: whether the row is kept.
  bool keeps(const record::Question& question);

  int64_t num_left_out() const { return num_left_out_; }
  int64_t num_of_split() const { return num_of_split_; }

 private:
  bool is_of_split(const record::Question& question) const {
    return split_.empty() || question.split == split_;
  }

  std::string split_;
  int64_t sample_;
  int64_t limit_;
  int64_t seed_;
  int64_t num_counted_ = 0;
  std::vector<bool> drawn_;  // by place among the rows of the split; empty: all
  int64_t num_of_split_ = 0;
  int64_t num_kept_ = 0;
  int64_t num_left_out_ = 0;
};

}  // namespace lmc::data
