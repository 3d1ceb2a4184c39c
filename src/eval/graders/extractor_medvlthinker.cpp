// MedVLThinker's evaluation: the first tagged answer must equal the gold one.
//
// Source: UCSC-VLAA/MedVLThinker @ a3163b1, extract_answer() and grade_answer() of
//         eval/run_offline_inference_v2.py.
//
// Detail: the first <answer> block counts, even inside <think>, even when a later one corrects it.
//         Without a closed block the whole reply is the answer, so "The answer is B." is wrong.
//         Anything beside "B", "B. text" and "text" is wrong: "B)", "(B)", "B.", "B: text".
#include "eval/graders/equals_answer.h"
#include "eval/graders/published_extractors.h"
#include "text/unicode.h"  // decode_utf8

namespace lmc::eval {

Verdict medvlthinker(const ReplyToGrade& one) {
  constexpr std::u32string_view kOpen = U"<answer>";
  const std::u32string reply = text::decode_utf8(one.reply);
  std::u32string_view prediction = reply;
  if (const size_t open = reply.find(kOpen); open != reply.npos) {
    const size_t begin = open + kOpen.size();
    const size_t close = reply.find(U"</answer>", begin);
    if (close != reply.npos) prediction = prediction.substr(begin, close - begin);
  }
  return grade_prediction(one, prediction);
}

}  // namespace lmc::eval
