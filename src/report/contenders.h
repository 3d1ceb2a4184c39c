// What the report compares: a run, or the seeds of one arm together; and what may be said of two.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <vector>

#include "record/result.h"      // Comparison
#include "report/provenance.h"  // NamedManifest

namespace lmc::report {

struct Contender {
  std::string name;
  std::vector<size_t> runs;  // places in the comparison, in order; the first one gives the colour
  double accuracy = 0;       // of several seeds the mean
  // Over questions: Wilson's, or of several seeds the bootstrap's over image groups.
  std::optional<std::array<double, 2>> interval_95;
  int64_t questions = 0;
  std::string target;                      // of its training; empty: not trained, or not known
  const record::SeedArm* seeds = nullptr;  // of several seeds; lives in the comparison
};

// In the order of their first runs. `manifests`: those of the runs first, then of what led to them.
std::vector<Contender> contenders_of(const record::Comparison& comparison,
                                     const std::vector<NamedManifest>& manifests);

enum class Verdict { kAhead, kBehind, kNotShown };

// The first contender against the second.
struct Standing {
  Verdict verdict = Verdict::kNotShown;
  double difference = 0;                                  // of accuracies on the common questions
  int64_t questions = 0;                                  // these
  std::optional<std::array<double, 2>> interval_95;       // over questions
  std::optional<std::array<double, 2>> seed_interval_95;  // over seeds, where there are several
  std::optional<double> mcnemar_p;                        // of two runs
  std::optional<double> holm_p;
  std::optional<double> equivalence_p;
  std::optional<int64_t> only_first_right;  // questions; of two runs
  std::optional<int64_t> only_second_right;
};

// Below this a p counts as showing something.
inline constexpr double kSignificance = 0.05;

// Nothing without a common question. A difference between two runs counts as shown when Holm's p is
// below 0.05 and no interval holds zero; one with several seeds, when the intervals over questions
// and over seeds both leave zero out.
std::optional<Standing> standing_of(const record::Comparison& comparison, const Contender& first,
                                    const Contender& second);

// The contenders that answered the same questions as each other, best first; the set with the most
// contenders stands first. Accuracies are ranked within a set alone.
struct QuestionSet {
  std::vector<Contender> contenders;
  size_t reference = 0;  // place of the one that the others are compared with
  size_t subject = 0;    // place of the one that the report is about
};

// The reference is `reference` where it has a name, else the first that was trained on answers
// alone (the control of a study of explanations), else the first run of the set. The subject is the
// best one that was trained, else the best.
// Errors: InputError when nothing is called `reference`.
std::vector<QuestionSet> question_sets(const record::Comparison& comparison,
                                       const std::vector<NamedManifest>& manifests,
                                       const std::string& reference);

}  // namespace lmc::report
