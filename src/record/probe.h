// The raw lines of a grounding run, from which every metric of its result can be recomputed:
// grounding.jsonl (answers under changed images and options), maps.jsonl (occlusion) and
// faithfulness.jsonl (answers under changed reasoning).
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"         // Json
#include "record/answer.h"     // Answer
#include "record/image_map.h"  // FractionBox

namespace lmc::record {

// The answer to one question under one condition. Letters, of the log-probabilities too, are the
// question's own: where the options were put in another order they are translated back; only
// `reply` holds the letters that were shown.
struct ProbeAnswer {
  std::string condition;  // "real", "shuffled", ...
  int64_t variant = 0;    // which of its kind: number of a shuffle, places of a rotation
  std::string image_of;   // the question whose image was shown; empty: its own, or none
  Answer answer;
};

// How the answer hangs on each part of the image: a grid of cells, row by row from the top left.
struct OcclusionMap {
  std::string question_id;
  std::string image_group;
  std::string letter;    // whose log-probability was measured: the answer to the whole image
  std::string measured;  // "letter", or "reply": the reasoning and the letter
  int64_t tokens = 1;    // measured: 1 for a letter
  int64_t rows = 0;
  int64_t columns = 0;
  double whole = 0;            // log-probability with the whole image, nats
  double blank = 0;            // with every cell hidden
  std::vector<double> values;  // whole less what is left when the cell is hidden; rows * columns
  std::vector<FractionBox> boxes;
  // Log-probability after hiding (deletion) or showing (insertion) ever more cells in the order of
  // their values; the last, in a random order. Both ends included; empty: not asked for.
  std::vector<double> deletion;
  std::vector<double> insertion;
  std::vector<double> random_deletion;
  // Gradient times input of the image's visual tokens (infer/explainer.h), nats; empty where the
  // engine cannot tell.
  int64_t token_rows = 0;
  int64_t token_columns = 0;
  std::vector<double> relevance;
  std::string error;
};

// What the answer is after a given reasoning.
struct ReasoningAnswer {
  std::string letter;
  std::map<char, double> letter_log_probability;
};

struct ReasoningProbe {
  std::string question_id;
  std::string image_group;
  std::string gold;
  std::string letter;         // that the reply itself gave
  std::string swapped_with;   // the question whose reasoning was lent; empty: there was none
  std::string donor_letter;   // that the lent reply gave
  ReasoningAnswer whole;      // after the model's own reasoning
  ReasoningAnswer removed;    // after none
  ReasoningAnswer truncated;  // after the first half of its words
  ReasoningAnswer swapped;    // after the lent one
  std::string error;
};

Json to_json(const ProbeAnswer& probe);
ProbeAnswer probe_answer_from_json(const Json& json, std::string_view where);

Json to_json(const OcclusionMap& map);
OcclusionMap occlusion_map_from_json(const Json& json, std::string_view where);

Json to_json(const ReasoningProbe& probe);
ReasoningProbe reasoning_probe_from_json(const Json& json, std::string_view where);

}  // namespace lmc::record
