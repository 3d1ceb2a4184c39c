// answers.jsonl of an evaluation: the raw reply to every question, and what was read from it. Every
// metric of a result can be recomputed from this file and the questions alone.
#pragma once

#include <array>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"  // Json

namespace lmc::record {

// One of several replies to a question.
struct AnswerSample {
  std::string letter;
  std::string reply;
  std::string finish;
  int64_t reply_tokens = 0;
};

struct Answer {
  std::string question_id;
  std::string gold;
  std::string letter;  // empty: the reply has no answer
  std::string reply;
  std::string finish;  // "end", "stop" or "length"; empty when nothing was generated
  int64_t reply_tokens = 0;
  std::map<char, double> letter_log_probability;  // at the answer slot; empty when not asked for
  std::string error;  // the question could not be put (unreadable image); counted, never guessed
  // What the question shares with others: its image group; and the image's height and width as
  // stored.
  std::string image_group = {};
  std::array<int64_t, 2> image_hw_px{};
  // Of a DICOM image: the window by which its grey was shown (empty: colour), and the frame, from 1;
  // 0: no DICOM.
  std::string image_window = {};
  int64_t image_frame = 0;
  // Where several replies voted: all of them. `letter` is the commonest, of equally common ones the
  // first; reply and finish are those of the first that gave it; reply_tokens counts all.
  std::vector<AnswerSample> samples = {};
};

// An answer that could not be read is not right.
bool is_right(const Answer& answer);

// Sets letter, reply, finish and reply_tokens from the samples.
void take_vote(Answer& answer);

// As an object; a reader takes null for the logarithm of zero. Under the key
// "letter_log_probability"; absent: empty.
Json letter_log_probability_to_json(const std::map<char, double>& values);
std::map<char, double> letter_log_probability_from_json(const Json& json, std::string_view where);

Json to_json(const Answer& answer);
Answer answer_from_json(const Json& json, std::string_view where);

// answers.jsonl as a whole.
std::string lines_of(const std::vector<Answer>& answers);

// In the order of the file. A last line that a kill cut short is left out.
// Errors: InputError naming file and line, also for a question answered twice.
std::vector<Answer> read_answers(const std::string& path);

}  // namespace lmc::record
