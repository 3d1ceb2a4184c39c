#include "net/route_table.h"

#include <utility>

#include "base/check.h"  // cat

namespace lmc::net {

void RouteTable::add(const std::string& method, const std::string& path, Route route) {
  routes_[path][method] = std::move(route);
}

// Null when there is none. Of several paths that end in "/*" the longest counts.
const RouteTable::Paths::value_type* RouteTable::entry_of(std::string_view path) const {
  if (const auto whole = routes_.find(path); whole != routes_.end()) return &*whole;
  const Paths::value_type* longest = nullptr;
  for (const auto& entry : routes_) {
    const std::string_view pattern = entry.first;
    if (!pattern.ends_with("/*") || !path.starts_with(pattern.substr(0, pattern.size() - 1))) {
      continue;
    }
    if (longest == nullptr || pattern.size() > longest->first.size()) longest = &entry;
  }
  return longest;
}

const Route* RouteTable::find(const std::string& method, std::string_view path) const {
  const auto* const entry = entry_of(path);
  if (entry == nullptr) return nullptr;
  const auto route = entry->second.find(method == "HEAD" ? "GET" : method);
  return route == entry->second.end() ? nullptr : &route->second;
}

std::string_view RouteTable::pattern_of(std::string_view path) const {
  const auto* const entry = entry_of(path);
  return entry == nullptr ? std::string_view() : entry->first;
}

ServerReply RouteTable::refusal(const std::string& method, std::string_view path) const {
  const auto* const entry = entry_of(path);
  return entry == nullptr ? no_such_path() : wrong_method(entry->second, method);
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
