// Which handler takes which method and path, and what is said where none does.
//
// Threads: any, once all routes are added.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "net/http_server.h"  // Handler, JudgeHead, MakeError, ServerReply, ServerRequest

namespace lmc::net {

struct Route {
  Handler handler;
  JudgeHead judge;         // may be empty
  bool is_public = false;  // answered without the token as well
};

class RouteTable {
 public:
  explicit RouteTable(MakeError make_error) : make_error_(std::move(make_error)) {}

  void add(const std::string& method, const std::string& path, Route route);

  // Null: there is none, which refusal() explains.
  const Route* find(const std::string& method, std::string_view path) const;
  // The path as it was added; empty: there is none.
  std::string_view pattern_of(std::string_view path) const;
  // 404 or 405.
  ServerReply refusal(const std::string& method, std::string_view path) const;

 private:
  using Methods = std::map<std::string, Route>;
  using Paths = std::map<std::string, Methods, std::less<>>;
  const Paths::value_type* entry_of(std::string_view path) const;
  ServerReply no_such_path() const;
  ServerReply wrong_method(const Methods& methods, const std::string& method) const;

  MakeError make_error_;
  Paths routes_;
};

}  // namespace lmc::net
