// The DICOM JSON model: what a DICOMweb server tells of studies, series and instances.
//
// Source: DICOM PS3.18 annex F. An attribute is a member named by its eight hexadecimal digits,
// {"vr": "CS", "Value": ["CT"]}; a person's name is an object of its scripts.
// Threads: pure functions.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"  // LargeJson

namespace lmc::archive {

// Where the words of a person's name stand in its object, in the order they are looked for.
inline constexpr const char* kNameScripts[] = {"Alphabetic", "Ideographic", "Phonetic"};

// The values of an attribute as text, a number as it is written; empty: it is missing or has none.
std::vector<std::string> values_of(const LargeJson& dataset, const char* tag);

// The first of them, or "".
std::string value_of(const LargeJson& dataset, const char* tag);

// The first as a whole number; 0 for anything else.
int64_t number_of(const LargeJson& dataset, const char* tag);

// Digits and dots, at most 64: what may stand in a path of the archive.
bool is_uid(std::string_view text);

}  // namespace lmc::archive
