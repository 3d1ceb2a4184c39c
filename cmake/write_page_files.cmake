# Writes the source file that holds the files of the clinician's page:
# cmake -D ROOT=. -D OUT=file.cpp -D FILES="serve/page/index.html;..." -P cmake/write_page_files.cmake
cmake_minimum_required(VERSION 3.25)
include(${ROOT}/cmake/web_literal.cmake)

set(entries "")
foreach(file ${FILES})
  get_filename_component(name ${file} NAME)
  lmc_web_literal(${file} literal)
  string(APPEND entries "    {\"${name}\",\n${literal}},\n")
endforeach()
list(LENGTH FILES count)
file(WRITE ${OUT} "// Made from src/serve/page by cmake/write_page_files.cmake.
#include \"serve/page_files.h\"

namespace lmc::serve {

namespace {
constexpr PageFile kFiles[${count}] = {
${entries}};
}  // namespace

std::span<const PageFile> page_files() { return kFiles; }

}  // namespace lmc::serve
")
