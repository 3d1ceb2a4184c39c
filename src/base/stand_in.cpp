#include "base/stand_in.h"

#include "base/ascii_case.h"  // starts_with_any_case
#include "base/utf8_edges.h"  // without_byte_order_mark

namespace lmc {

std::optional<StandIn> stand_in_of(std::string_view beginning) {
  beginning = without_byte_order_mark(beginning);
  const size_t text = beginning.find_first_not_of(" \t\r\n");
  if (text == beginning.npos) return std::nullopt;
  beginning.remove_prefix(text);
  if (beginning.starts_with("version https://git-lfs.github.com/spec/")) {
    return StandIn{"a git-lfs pointer, not the file itself",
                   "run git lfs pull in that folder, or fetch the file again with hf download"};
  }
  for (const std::string_view tag : {"<!doctype html", "<html", "<head", "<?xml"}) {
    if (starts_with_any_case(beginning, tag)) {
      return StandIn{"a web page, not the file itself",
                     "the address may need a login, or be that of a page about the file"};
    }
  }
  return std::nullopt;
}

}  // namespace lmc
