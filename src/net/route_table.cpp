#include "net/route_table.h"

#include <utility>

#include "base/check.h"  // cat

namespace lmc::net {

void RouteTable::add(const std::string& method, const std::string& path, Route route) {
  routes_[path][method] = std::move(route);
}

// Null when there are none. Of several paths that end in "/*" the longest counts.
const RouteTable::Methods* RouteTable::methods_of(std::string_view path) const {
  if (const auto whole = routes_.find(path); whole != routes_.end()) return &whole->second;
  const Methods* below = nullptr;
  size_t longest = 0;
  for (const auto& [pattern, methods] : routes_) {
    if (!pattern.ends_with("/*") || pattern.size() < longest) continue;
    if (!path.starts_with(std::string_view(pattern).substr(0, pattern.size() - 1))) continue;
    below = &methods;
    longest = pattern.size();
  }
  return below;
}

const Route* RouteTable::find(const std::string& method, std::string_view path) const {
  const Methods* const methods = methods_of(path);
  if (methods == nullptr) return nullptr;
  const auto route = methods->find(method == "HEAD" ? "GET" : method);
  return route == methods->end() ? nullptr : &route->second;
}

ServerReply RouteTable::refusal(const std::string& method, std::string_view path) const {
  const Methods* const methods = methods_of(path);
  return methods == nullptr ? no_such_path() : wrong_method(*methods, method);
}

ServerReply RouteTable::no_such_path() const {
  std::string all;
  for (const auto& [path, methods] : routes_) {
    for (const auto& [method, route] : methods) {
      all += cat(all.empty() ? "" : ", ", method, " ", path);
    }
  }
  return make_error_(404, cat("there is no such path here; there are ", all));
}

ServerReply RouteTable::wrong_method(const Methods& methods, const std::string& method) const {
  std::string allowed;
  for (const auto& [name, route] : methods) {
    allowed += cat(allowed.empty() ? "" : ", ", name, name == "GET" ? ", HEAD" : "");
  }
  ServerReply reply = make_error_(405, cat("this path takes ", allowed, ", not ", method));
  reply.headers.add("Allow", allowed);
  return reply;
}

}  // namespace lmc::net
