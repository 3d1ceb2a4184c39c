# Writes the header that says which version and commit the program was built from. Run at each build:
# cmake -D ROOT=. -D VERSION=0.1.0 -D OUT=file.h -P cmake/write_build_source.cmake
# The commit comes from git; in an archive made by `git archive`, from source_commit.txt.
set(commit "unknown")
find_program(git git)
if(git AND EXISTS ${ROOT}/.git)
  execute_process(COMMAND ${git} -C ${ROOT} rev-parse HEAD OUTPUT_VARIABLE head
                  OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET RESULT_VARIABLE failed)
  if(NOT failed)
    set(commit ${head})
    execute_process(COMMAND ${git} -C ${ROOT} diff --quiet HEAD ERROR_QUIET RESULT_VARIABLE differs)
    if(differs)
      string(APPEND commit "+changes")
    endif()
  endif()
else()
  file(STRINGS ${ROOT}/cmake/source_commit.txt line LIMIT_COUNT 1)
  if(line MATCHES "^[0-9a-f]+$")
    set(commit ${line})
  endif()
endif()

set(text "#pragma once
#include <string_view>
namespace lmc::build_source {
inline constexpr std::string_view kVersion = \"${VERSION}\";
inline constexpr std::string_view kCommit = \"${commit}\";
}
")
set(old "")
if(EXISTS ${OUT})
  file(READ ${OUT} old)
endif()
if(NOT text STREQUAL old)
  file(WRITE ${OUT} "${text}")
endif()
