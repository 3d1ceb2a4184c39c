#include "audit/audit_log.h"

#include <fstream>
#include <mutex>

#include "base/check.h"       // InputError
#include "base/clock.h"       // utc_time
#include "base/input_file.h"  // open_input
#include "base/sha256.h"      // sha256_hex

namespace lmc::audit {

namespace {

constexpr char kFirstKey[] = "sequence";

[[noreturn]] void fail_chain(const std::string& path, int64_t line, const std::string& found) {
  throw InputError(cat(path, ":", line), "the chain is broken: " + found,
                   "lines were changed, removed or inserted here or just before");
}

// What a line must say, given those before it.
void check_line(const Json& line, const Chain& before, const std::string& path, int64_t number) {
  const std::string where = cat(path, ":", number);
  if (json_get<int64_t>(line, "sequence", where) != before.entries) {
    fail_chain(path, number, cat("expected sequence ", before.entries));
  }
  if (json_get<std::string>(line, "previous", where) != before.head) {
    fail_chain(path, number, "its \"previous\" is not the hash of the line before");
  }
}

}  // namespace

Chain verify(const std::string& path, const std::optional<std::string>& expected) {
  std::ifstream file = open_input(path);
  Chain chain;
  bool is_there = !expected;
  std::string line;
  for (int64_t number = 1; std::getline(file, line); ++number) {
    const bool is_last = file.eof();  // has no line break
    Json json;
    try {
      json = parse_json(line, cat(path, ":", number));
    } catch (const InputError&) {
      if (!is_last) throw;
      chain.has_torn_line = true;
      break;
    }
    check_line(json, chain, path, number);
    chain.last_time = json_get<std::string>(json, "time", cat(path, ":", number));
    if (chain.entries++ == 0) chain.first_time = chain.last_time;
    chain.head = sha256_hex(line);
    is_there = is_there || chain.head == *expected;
  }
  if (!is_there) {
    throw InputError(path, cat("no line has the hash ", *expected),
                     "lines were taken off its end, or it is another log");
  }
  return chain;
}

struct AuditLog::State {
  std::mutex mutex;
  AppendLog file;
  Chain chain;

  explicit State(const std::string& path) : file(path, kFirstKey) {
    if (file_exists(path)) chain = verify(path);
  }
};

AuditLog::AuditLog(const std::string& path) : state_(std::make_unique<State>(path)) {
  if (std::exchange(state_->chain.has_torn_line, false))
    append("torn-line-dropped", Json::object());
}

AuditLog::~AuditLog() = default;

int64_t AuditLog::append(std::string_view event, const Json& what) {
  const std::lock_guard lock(state_->mutex);
  Chain& chain = state_->chain;
  Json line = {
      {kFirstKey, chain.entries}, {"time", utc_time()}, {"previous", chain.head}, {"event", event}};
  for (const auto& [key, value] : what.items()) line[key] = value;
  const std::string text = to_text(line);
  state_->file.append(text, true);
  chain.head = sha256_hex(text);
  return chain.entries++;
}

std::string AuditLog::head() const {
  const std::lock_guard lock(state_->mutex);
  return state_->chain.head;
}

}  // namespace lmc::audit
