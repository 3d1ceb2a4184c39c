// The tables of arms with several seeds.
#include "base/check.h"   // cat
#include "report/html.h"  // fixed, percent
#include "report/result_tables.h"

namespace lmc::report {

namespace {

using record::Comparison;

size_t place_of(const Comparison& comparison, const std::string& run) {
  size_t place = 0;
  while (place < comparison.runs.size() && comparison.runs[place].name != run) ++place;
  return place;
}

// "61.0 (seed1), 62.4 (seed2)".
Cell values_cell(const record::SeedArm& arm) {
  std::string shown;
  std::string exact;
  for (size_t i = 0; i < arm.runs.size() && i < arm.accuracies.size(); ++i) {
    shown += cat(i == 0 ? "" : ", ", fixed(100 * arm.accuracies[i], 1), " (", arm.runs[i], ")");
    exact += cat(i == 0 ? "" : " ", percent_cell(arm.accuracies[i]).exact[0]);
  }
  return {shown, {exact}};
}

}  // namespace

Table seeds_table(const Comparison& comparison) {
  Table table{"seeds",
              "Arms with several seeds",
              {{"arm", {"arm"}, true},
               {"seeds", {"seeds"}},
               {"mean accuracy", {"mean"}},
               {"deviation, points", {"standard_deviation"}},
               {"least to greatest", {"least", "greatest"}},
               {"95 % interval, other seeds", {"seed_interval_95_low", "seed_interval_95_high"}},
               {"95 % interval, other questions",
                {"question_interval_95_low", "question_interval_95_high"}},
               {"each seed, %", {"accuracies"}, true}},
              {}};
  for (const record::SeedArm& arm : comparison.seed_arms) {
    Cell deviation = number_cell(arm.standard_deviation, 3);
    deviation.shown = fixed(100 * arm.standard_deviation, 1);
    const size_t series = arm.runs.empty() ? 0 : place_of(comparison, arm.runs[0]);
    table.rows.push_back({run_cell(arm.name, series),
                          count_cell(static_cast<int64_t>(arm.runs.size())), percent_cell(arm.mean),
                          deviation, interval_cell(arm.range), interval_cell(arm.seed_interval_95),
                          interval_cell(arm.question_interval_95), values_cell(arm)});
  }
  return table;
}

Table arm_pairs_table(const Comparison& comparison) {
  Table table{"arm-pairs",
              "Arms compared on the questions that both answered",
              {{"first", {"first"}, true},
               {"second", {"second"}, true},
               {"questions", {"questions"}},
               {"first less second, points", {"difference"}},
               {"95 % interval, other questions",
                {"question_interval_95_low", "question_interval_95_high"}},
               {"95 % interval, other seeds", {"seed_interval_95_low", "seed_interval_95_high"}}},
              {}};
  for (const record::ArmComparison& pair : comparison.arm_pairs) {
    table.rows.push_back({text_cell(pair.first), text_cell(pair.second), count_cell(pair.questions),
                          points_cell(pair.difference),
                          interval_cell(pair.question_interval_95, true),
                          interval_cell(pair.seed_interval_95, true)});
  }
  return table;
}

}  // namespace lmc::report
