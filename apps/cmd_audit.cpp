// `litemedcot audit`: proves the log of what a device answered.
#include <iostream>
#include <memory>

#include "apps/command.h"
#include "audit/audit_log.h"  // verify
#include "base/check.h"       // InputError

namespace lmc::apps {

namespace {

struct AuditOptions {
  std::vector<std::string> arguments;
  std::string expect;

  std::vector<Field> fields() {
    return {{"arguments", "verify FILE", as_file(&arguments), true},
            {"expect",
             "head (hash of the last line) that an earlier look printed: it must still be "
             "in the chain",
             &expect}};
  }
};

void run_audit(const AuditOptions& options) {
  if (options.arguments.size() != 2 || options.arguments[0] != "verify") {
    throw InputError("litemedcot audit", "expected: verify FILE",
                     "litemedcot audit verify audit.jsonl");
  }
  const std::string& path = options.arguments[1];
  const audit::Chain chain =
      audit::verify(path, options.expect.empty() ? std::nullopt : std::optional(options.expect));
  std::cout << path << ": the chain of " << chain.entries << " entries is whole";
  if (chain.entries > 0) std::cout << ", " << chain.first_time << " to " << chain.last_time;
  std::cout << "\nhead " << chain.head << "\n";
  if (chain.has_torn_line) {
    std::cerr << path << ": a kill cut the last line short; it is no entry\n";
  }
}

}  // namespace

Command audit_command() {
  const auto options = std::make_shared<AuditOptions>();
  return {"audit",
          "prove that nothing was changed in the log of a served model",
          "  litemedcot serve --model student.lmcd --audit-log audit.jsonl\n"
          "  litemedcot audit verify audit.jsonl\n"
          "  litemedcot audit verify audit.jsonl --expect HEAD\n",
          options->fields(),
          "arguments",
          [options] { run_audit(*options); }};
}

}  // namespace lmc::apps
