// What the system fails to give for now: too many open files, a disk or a network folder that does
// not answer, no memory.
//
// It ends a run as an InputError does, with exit code 2 and one line (check.h), but is none: whoever
// catches InputError to note down what is wrong with a file must not note this down. The same
// command goes on.
#pragma once

#include <stdexcept>
#include <string>
#include <string_view>

#include "base/check.h"  // InputError

namespace lmc {

class PassingError : public std::runtime_error {
 public:
  PassingError(std::string_view where, std::string_view problem,
               std::string_view hint = "the same command goes on once that has passed")
      : std::runtime_error(InputError(where, problem, hint).what()) {}
};

}  // namespace lmc
