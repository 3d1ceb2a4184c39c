# Writes the source file that holds the scripts and style sheets of the report's pages:
# cmake -D ROOT=. -D OUT=file.cpp -P cmake/write_report_web.cmake
cmake_minimum_required(VERSION 3.25)
include(${ROOT}/cmake/web_literal.cmake)

set(source "// Made from src/report/web by cmake/write_report_web.cmake.
#include \"report/web.h\"

namespace lmc::report {
")
# Each text begins with a line break; one of several files is them all, one behind the other.
foreach(line "kPageStyle palette.css page.css" "kAuditStyle audit.css" "kReviewStyle review.css"
        "kItemsScript items.js" "kReviewScript review.js")
  string(REPLACE " " ";" files "${line}")
  list(POP_FRONT files name)
  string(APPEND source "
constinit const std::string_view ${name} = \"\\n\"")
  foreach(file ${files})
    lmc_web_literal(report/web/${file} literal)
    string(APPEND source "\n${literal}")
  endforeach()
  string(APPEND source ";\n")
endforeach()
string(APPEND source "
}  // namespace lmc::report
")
file(WRITE ${OUT} "${source}")
