// Whether a student may learn from a teacher's explanation: a list of named rules.
//
// The first rule that rejects names the reason, one word, in the ledger. Accepted is a whole reply
// that reaches the gold answer by reasoning of its own, from what the student will see too, in
// plain words. A rule looks for what it names and lets everything else pass: a missed one costs
// little among many thousands, a rule that rejects at random costs a whole class of explanations.
// Cost: linear in the reply.
// Threads: pure functions.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/fields.h"        // Field
#include "client/completion.h"  // Completion
#include "record/question.h"    // Question

namespace lmc::teacher {

struct Candidate;

struct Rule {
  std::string_view name;  // the reason in the ledger
  std::string_view about;
  bool (*rejects)(const Candidate& candidate);
  bool can_be_off = true;
};

// In the order they are asked.
std::span<const Rule> acceptance_rules();

struct AcceptanceOptions {
  std::vector<std::string> off;  // names of rules
  int64_t min_words = 6;
  int64_t max_words = 500;
  // Not an option of the user's. A teacher that did not see the caption cannot copy it: the same
  // words are the same sight. Of explanations made elsewhere it is not known.
  bool caption_was_shown = true;

  std::vector<Field> fields();
  // Errors: InputError for an unknown rule, one that must stay on, or limits that leave nothing.
  void check() const;
};

struct Verdict {
  bool accepted = false;
  std::string reason;  // empty when accepted
  std::string letter;  // empty: none could be read
  std::string reasoning;
};

Verdict judge(const client::Completion& reply, const record::Question& question,
              const AcceptanceOptions& options);

// The same for an explanation that comes from elsewhere, already apart from its answer. `letter`
// is empty or one letter.
Verdict judge_explanation(const std::string& reasoning, const std::string& letter,
                          const record::Question& question, const AcceptanceOptions& options);

}  // namespace lmc::teacher
