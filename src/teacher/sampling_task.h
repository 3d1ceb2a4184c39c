// One question on its way: which request comes next, and what the replies amount to.
//
// rationalise   The gold answer is given. Replies are drawn until one is accepted, `samples` at most.
// reject        The gold answer is withheld. All `samples` are drawn (or, with until_first, until
//               one is accepted). Every accepted one is kept, and how many reached the gold answer
//               is counted.
// two-stage     Rejects, and rationalises what no sample reached.
//
// With a judge, a reply that the checks accept is shown to a model, which has the last word.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "record/explanation.h"  // Explanation
#include "record/question.h"     // Question
#include "teacher/acceptance.h"  // Completion, Verdict
#include "teacher/teacher_prompt.h"

namespace lmc::teacher {

// How every question of a run is put to the teacher.
struct SamplingTaskOptions {
  PromptOptions prompt;
  AcceptanceOptions rules;
  client::SamplingParams sampling_params;  // without the seed, which is each request's own
  uint64_t seed = 0;                       // of those seeds
  bool rejects = false;                    // begins with the gold answer withheld
  bool rationalises = true;                // asks, at first or at last, with the gold answer given
  int64_t samples = 1;
  bool until_first = false;
  std::string judge_model;  // empty: no judge
};

class SamplingTask {
 public:
  // `form` must outlive it. `stream` names the seeds of its samples: the same name, the same seeds.
  SamplingTask(record::Question question, std::string stream, const SamplingTaskOptions& form);

  const record::Question& question() const { return question_; }

  // The body of the next request. `with_format`: of a structured form, with its response_format,
  // which some servers refuse.
  // Threads: any one at a time.
  std::string next_request(std::string_view image_url, bool with_format = true) const;
  // The body of the request for sample number `sample`, from 0, of the first stage.
  std::string request(std::string_view image_url, int64_t sample, bool with_format = true) const;

  // Takes the reply to it. True: the question is finished, and line() is what the ledger gets.
  bool take(const client::Completion& reply);

  // Ends the question without a reply. `words`: what there is to say, kept as the reply.
  void reject(const std::string& reason, const std::string& words);

  // Whether an accepted reply is there already, although more were to be drawn: when the run must
  // stop, line() is worth keeping.
  bool has_accepted() const { return line_.accepted; }

  record::Explanation line() const;

 private:
  client::ChatPrompt prompt() const;
  std::string judge_request(std::string_view image_url) const;
  bool take_verdict(const client::Completion& reply);
  std::string letters() const;
  Verdict judged(const client::Completion& reply) const;
  bool settle(const client::Completion& reply, const Verdict& verdict);

  record::Question question_;
  std::string stream_;
  const SamplingTaskOptions& form_;
  Mode mode_;
  bool is_second_stage_ = false;
  int64_t drawn_after_ = 0;  // replies of the second stage; those of the first are line_.samples
  std::optional<std::pair<client::Completion, Verdict>> before_judge_;  // accepted by the rules
  record::Explanation line_;
};

}  // namespace lmc::teacher
