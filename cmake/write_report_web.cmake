# Writes the source file that holds the scripts and style sheets of the report's pages:
# cmake -D ROOT=. -D OUT=file.cpp -P cmake/write_report_web.cmake
cmake_minimum_required(VERSION 3.25)

set(source "// Made from src/report/web by cmake/write_report_web.cmake.
#include \"report/web.h\"

namespace lmc::report {
")
foreach(line "kPageStyle page.css" "kAuditStyle audit.css" "kReviewStyle review.css"
        "kItemsScript items.js" "kReviewScript review.js")
  string(REGEX MATCH "^([^ ]+) (.+)$" _ "${line}")
  set(name ${CMAKE_MATCH_1})
  set(file ${CMAKE_MATCH_2})
  file(READ ${ROOT}/src/report/web/${file} text)
  string(FIND "${text}" ")web\"" end)
  if(NOT end EQUAL -1)
    message(FATAL_ERROR "src/report/web/${file}: ')web\"' would end the C++ literal")
  endif()
  string(APPEND source "
constinit const std::string_view ${name} = R\"web(\n${text})web\";
")
endforeach()
string(APPEND source "
}  // namespace lmc::report
")
file(WRITE ${OUT} "${source}")
