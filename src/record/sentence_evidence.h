// sentences.jsonl of a grounding run: for each sentence of a reply, whether it comes from the image
// and which part of it.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"         // Json
#include "record/image_map.h"  // FractionBox

namespace lmc::record {

struct SentenceEvidence {
  int64_t begin = 0;  // bytes of the reply
  int64_t end = 0;
  int64_t tokens = 0;
  double with_image = 0;  // log-probability of its tokens, each after all before it, nats
  // The same with other images in its place, by what they are: "grey", "blurred", "another".
  std::map<std::string, double> without;
  // The places it speaks of, of the boxes that came with the question.
  std::vector<FractionBox> boxes;
  // By cells, row by row from the top left: what hiding the cell takes from its log-probability.
  std::vector<double> occlusion;
  // By the image's visual tokens, as infer/explainer.h has them.
  std::vector<double> gradient;
  std::vector<double> attention;
};

struct ReplyEvidence {
  std::string question_id;
  std::string image_group;
  std::string reply;  // as its tokens spell it
  int64_t rows = 0;   // of the occlusion maps; 0: none were made
  int64_t columns = 0;
  int64_t token_rows = 0;  // of the visual tokens; 0: the engine cannot tell of them
  int64_t token_columns = 0;
  std::vector<SentenceEvidence> sentences;
  std::string error;  // why there are none
};

Json to_json(const ReplyEvidence& evidence);
// Errors: InputError for maps of another size than their grid.
ReplyEvidence reply_evidence_from_json(const Json& json, std::string_view where);

}  // namespace lmc::record
