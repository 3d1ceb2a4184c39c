// The files of the clinician's page, which the build embeds (cmake/lmc_web.cmake) from serve/page and
// the palette that the report has as well.
#pragma once

#include <span>
#include <string_view>

namespace lmc::serve {

struct PageFile {
  std::string_view name;  // "index.html", without a folder
  std::string_view text;
};

std::span<const PageFile> page_files();

}  // namespace lmc::serve
