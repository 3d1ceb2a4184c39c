// The log of what a device answered, chained so that a change is seen.
//
// A line is a JSON object: "sequence" (from 0), "time" (UTC), "previous" (the SHA-256 of the line
// before, 64 zeros for the first), "event", and what belongs to the event. Whoever changes, removes
// or inserts a line breaks the chain there. Lines taken off the end leave a chain that is whole:
// against that one keeps the last line's hash, the head, elsewhere from time to time.
// Nothing of a patient is in it: images and words are named by their SHA-256. Only where the owner
// asks for it are the words of a reply kept.
// A line is on disk when append() returns. What a kill cut short at the end is dropped at the next
// start, which says so in an event of its own.
// docs/decisions/0019-audit-log.md has why it is this form.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/files.h"  // AppendLog
#include "base/json.h"   // Json

namespace lmc::audit {

inline constexpr char kNothingBefore[] =
    "0000000000000000000000000000000000000000000000000000000000000000";

// What stands in a log whose chain is whole.
struct Chain {
  int64_t entries = 0;
  std::string head = kNothingBefore;  // the SHA-256 of the last line
  std::string first_time;
  std::string last_time;
  bool has_torn_line = false;  // a kill cut the last one short; it is no entry
};

// Reads a log line by line and proves its chain. With `expected` also that a line of this hash is
// part of it: a head that was kept elsewhere.
// Errors: InputError naming the first line that does not follow from the one before.
Chain verify(const std::string& path, const std::optional<std::string>& expected = {});

// Threads: append() from any.
class AuditLog {
 public:
  // Begins a file, or goes on with one whose chain is whole.
  // Errors: InputError for a file of other content, a broken chain, and when another process has it
  // open.
  explicit AuditLog(const std::string& path);
  ~AuditLog();
  AuditLog(const AuditLog&) = delete;
  AuditLog& operator=(const AuditLog&) = delete;

  // `what` is an object without the keys that every line has. Returns the line's sequence.
  // Errors: InputError when it cannot be written.
  int64_t append(std::string_view event, const Json& what);

  std::string head() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace lmc::audit
