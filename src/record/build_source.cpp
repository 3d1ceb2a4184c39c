// Its own file, so that a new commit compiles nothing else.
#include "lmc_build_source.h"  // kVersion, kCommit: written by cmake/write_build_source.cmake
#include "record/manifest.h"

namespace lmc::record {

std::string_view program_version() { return build_source::kVersion; }
std::string_view program_commit() { return build_source::kCommit; }

}  // namespace lmc::record
