// `litemedcot report`: evaluated runs as one HTML page, with metrics, tests and examples.
#include <iostream>
#include <memory>

#include "apps/command.h"
#include "eval/score.h"     // compare_runs
#include "report/report.h"  // ReportOptions, sort_runs, write_report

namespace lmc::apps {

Command report_command() {
  const auto options = std::make_shared<report::ReportOptions>();
  return {"report",
          "evaluated and grounding runs as one self-contained HTML page",
          "  litemedcot report runs/zero-shot runs/distilled --questions q/questions.jsonl \\\n"
          "      --metrics adapters/distilled/metrics.jsonl --out report/report.html\n"
          "  litemedcot report runs/distilled runs/distilled-grounding --questions Q \\\n"
          "      --out report/report.html --tables report/tables\n"
          "  litemedcot report runs/answers-1 runs/answers-2 runs/cot-1 runs/cot-2 \\\n"
          "      --arm answers=runs/answers-1,runs/answers-2 --arm cot=runs/cot-1,runs/cot-2 \\\n"
          "      --reference answers --out report/report.html\n",
          options->fields(),
          "runs",
          [options] {
            report::sort_runs(*options);
            report::write_report(
                *options, eval::compare_runs(options->runs, {options->arms, options->group_seeds}));
            std::cout << options->out << "\n";
          }};
}

}  // namespace lmc::apps
