// Errors: who is at fault decides the type, and the type decides the exit code.
//
// InputError:    the user's files, options or network peer are wrong. One line that names the file,
//                the place, what was expected and found, and a hint. Exit code 2.
// InternalError: a promise inside this program was broken; our bug. Exit code 70.
// Expected outcomes (a reply without an answer, an unreadable image in a data set) are values,
// not exceptions.
#pragma once

#include <sstream>
#include <stdexcept>
#include <string>
#include <string_view>

namespace lmc {

// Joins anything printable: cat("row ", 3, ": ", name).
template <class... Parts>
std::string cat(const Parts&... parts) {
  std::ostringstream out;
  static_cast<void>((out << ... << parts));
  return std::move(out).str();
}

class InputError : public std::runtime_error {
 public:
  // `where` is a file with a place ("questions.jsonl:12"), an option ("--rank") or an address.
  InputError(std::string_view where, std::string_view problem, std::string_view hint = {});
};

class InternalError : public std::logic_error {
 public:
  using std::logic_error::logic_error;
};

// Thrown when a stop was asked for and the work done so far is safe on disk. Exit code 130.
class Interrupted : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

[[noreturn]] void fail_check(const char* file, int line, const char* condition,
                             const std::string& detail);

}  // namespace lmc

// States what must hold inside our own code; never used on user input. Put both values in the text.
#define LMC_CHECK(condition, ...)                                                 \
  do {                                                                            \
    if (!(condition)) {                                                           \
      ::lmc::fail_check(__FILE__, __LINE__, #condition, ::lmc::cat(__VA_ARGS__)); \
    }                                                                             \
  } while (false)
