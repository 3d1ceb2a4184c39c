// What a pass tells of its attention besides its results: the weights that some tokens of a sequence
// give to a range of places.
//
// The weights are computed a second time, for the wanted queries and places alone, from the scores'
// maxima and sums that the walk over the pages has found. A pass without a probe does nothing for
// it.
// Letters: L layers, M places.
// Threads: filled by one pass at a time.
#pragma once

#include <cstdint>
#include <vector>

namespace lmc::runtime {

struct AttentionProbe {
  // Queries [first, first + count) of the sequence, whose weights are added up.
  struct Text {
    int64_t first = 0;
    int64_t count = 0;
    std::vector<double> weights_LM;  // sums over its queries and over heads; made by the pass
  };
  int64_t first_place = 0;  // before every text
  int64_t num_places = 0;
  std::vector<Text> texts;
};

}  // namespace lmc::runtime
