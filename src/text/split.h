// Cuts text the way the Qwen2 pattern does:
//   (?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*
//   |\s*[\r\n]+|\s+(?!\S)|\s+
#pragma once

#include <cstddef>
#include <string_view>

namespace lmc::text {

// The pattern as tokenizer.json spells it.
extern const std::string_view kQwen2Pattern;

// The length of the piece that begins at `start` (below text.size()), in code points.
size_t piece_length(std::u32string_view text, size_t start);

}  // namespace lmc::text
