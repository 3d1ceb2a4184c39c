// How alike two texts are: matching characters by Ratcliff and Obershelp.
#pragma once

#include <string_view>

namespace lmc::eval {

// 2 M / (|a| + |b|), where M counts the characters of the longest common piece, of the longest on
// its left and on its right, and so on; 1 for two empty texts.
//
// Mirrors: CPython 3.11, Lib/difflib.py, SequenceMatcher(None, a, b).ratio(), on code points.
// Detail:  not symmetric. Among pieces of the same length the first in `a`, then in `b`, is taken.
//          A `b` of 200 or more characters has "popular" ones, each more than 1 % of it (and one
//          time): no piece may begin in them, only be continued through them. In a long English
//          text that is nearly every letter, so the ratio falls to almost nothing.
// Cost:    |a| |b| in the worst case, for each level of the recursion.
double sequence_ratio(std::u32string_view a, std::u32string_view b);

}  // namespace lmc::eval
