// What --help prints: aligned columns that wrap at the terminal's width.
#pragma once

#include <string>
#include <vector>

#include "apps/command.h"  // Command

namespace lmc::apps {

constexpr int kMaxHelpWidth = 100;

// Columns of the terminal that standard output is, from 80 to kMaxHelpWidth; the latter elsewhere.
int help_width();

// Every command with one line each, in the given order.
std::string overview_text(const std::vector<Command>& commands, int width);

// Usage, options under their headings, examples. An option has its kind of value, what it is, what
// it may be, and its default.
std::string help_text(const Command& command, int width);

}  // namespace lmc::apps
