// The client of a request has gone: nobody wants what is being made.
#pragma once

#include <exception>

namespace lmc::serve {

struct ClientLeft : std::exception {
  const char* what() const noexcept override { return "the client has left"; }
};

}  // namespace lmc::serve
