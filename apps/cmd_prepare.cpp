// `litemedcot prepare`: a published data set, or own data, to questions.jsonl.
#include <iostream>
#include <memory>

#include "apps/command.h"
#include "data/prepare.h"       // PrepareOptions, prepare
#include "report/audit_page.h"  // audit_page

namespace lmc::apps {

namespace {

void run(const data::PrepareOptions& options) {
  data::PrepareHooks hooks;
  hooks.progress = &std::cerr;
  hooks.audit_page = [&](const record::Audit& audit) {
    return report::audit_page(audit, options.out);
  };
  std::cout << data::summary(data::prepare(options, hooks));
  if (options.audit) std::cout << "audit: " << options.out << "/audit.html\n";
}

}  // namespace

Command prepare_command() {
  const auto options = std::make_shared<data::PrepareOptions>();
  return {
      "prepare",
      "read PMC-VQA, VQA-RAD, SLAKE, PathVQA or your own questions",
      "  litemedcot prepare --pmc-vqa train_2.csv --images figures --out questions/train\n"
      "  litemedcot prepare --pmc-vqa test_clean.csv --track test_clean --images images \\\n"
      "      --out questions/test --audit --against questions/train\n"
      "  litemedcot prepare --vqa-rad VQA_RAD.json --images VQA_RAD_images --out questions/rad\n"
      "  litemedcot prepare --csv own.csv --no-images --out questions/own\n",
      options->fields(),
      "",
      [options] { run(*options); }};
}

}  // namespace lmc::apps
