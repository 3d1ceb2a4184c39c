// The names of files that are not whole yet, and the removal of those that a kill left behind.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace lmc {

// "<path>.part-<process id>-<number>"; `number` tells those of one process apart.
std::string partial_path(const std::string& path, uint64_t number);

bool is_partial_name(std::string_view name);

// Removes what is left of `path`, a file or folder, by processes that have ended. A file that is
// still being written stays: its process lives or, on another machine, holds a lock on it (files.h,
// AtomicFile).
void remove_partial_files_of(const std::string& path);

// The same of every file in the folder, and in its sub-folders `depth` levels down.
void remove_partial_files_in(const std::string& folder, int depth = 2);

}  // namespace lmc
