// English words that are alternatives to one another.
#pragma once

#include <string>
#include <string_view>

namespace lmc::data {

// What two words have in common. Adjectives may share a noun that stands behind the second one;
// nouns are whole alternatives, with what stands before them.
enum class WordKind { kUnknown, kAdjective, kNoun };

// Words in lower case. kUnknown: they are not known to be alternatives to one another.
WordKind common_kind(const std::string& first, const std::string& second);

bool is_known_adjective(const std::string& word);
// Also by its ending: "vascular", "genetic".
bool looks_like_adjective(const std::string& word);

bool is_article(std::string_view word);      // a, an, the
bool is_preposition(std::string_view word);  // in, of, with, ...
bool is_auxiliary(std::string_view word);    // is, was, does, ...
// What stands before a phrase and is no part of it: the above, "this", "patient's", "suspect".
bool is_boundary(std::string_view word);
// What belongs to the word behind it: "not enhanced", "well defined", "over inflated".
bool is_part_of_next(std::string_view word);
// A noun that may belong to the adjective behind it: "ring enhanced", "gas filled".
bool is_noun_of_next(std::string_view word);
// What follows an alternative without being part of it: "used", "seen", "larger", a preposition.
bool ends_phrase(std::string_view word);
// What any image may be called: "image", "scan", "film".
bool is_image_word(std::string_view word);

}  // namespace lmc::data
