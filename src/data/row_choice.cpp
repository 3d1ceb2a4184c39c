#include "data/row_choice.h"

#include <algorithm>
#include <numeric>

#include "base/random.h"  // Random

namespace lmc::data {

void RowChoice::count(const record::Question& question) {
  if (is_of_split(question)) ++num_counted_;
}

void RowChoice::draw() {
  if (sample_ == 0 || sample_ >= num_counted_) return;
  std::vector<size_t> places(static_cast<size_t>(num_counted_));
  std::iota(places.begin(), places.end(), size_t{0});
  Random random = Random::named(static_cast<uint64_t>(seed_), "prepare/sample");
  random.shuffle(places);
  drawn_.assign(places.size(), false);
  for (size_t i = 0; i < static_cast<size_t>(sample_); ++i) drawn_[places[i]] = true;
}

int64_t RowChoice::num_chosen() const {
  const int64_t drawn = drawn_.empty() ? num_counted_ : sample_;
  return limit_ > 0 ? std::min(limit_, drawn) : drawn;
}

bool RowChoice::keeps(const record::Question& question) {
  bool is_kept = is_of_split(question);
  if (is_kept) {
    const auto place = static_cast<size_t>(num_of_split_++);
    is_kept = drawn_.empty() || drawn_.at(place);
  }
  if (is_kept && limit_ > 0 && num_kept_ == limit_) is_kept = false;
  ++(is_kept ? num_kept_ : num_left_out_);
  return is_kept;
}

}  // namespace lmc::data
