#include "eval/graders/most_similar.h"

#include "eval/graders/sequence_ratio.h"

namespace lmc::eval {

std::optional<size_t> most_similar(const std::vector<std::u32string>& choices,
                                   std::u32string_view text) {
  std::optional<size_t> best;
  double highest = 0;
  for (size_t i = 0; i < choices.size(); ++i) {
    const double ratio = sequence_ratio(choices[i], text);
    if (ratio > highest) {
      best = i;
      highest = ratio;
    }
  }
  return best;
}

}  // namespace lmc::eval
