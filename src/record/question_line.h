// The line of questions.jsonl, written without a JSON tree between: files of hundreds of thousands
// of questions are written several times as fast.
#pragma once

#include <string>

#include "record/question.h"  // Question

namespace lmc::record {

// Appends to_text(to_json(question)), to the byte, and a line break.
void append_line(std::string& out, const Question& question);

// Appends to_text(Json(text)): in double quotes, escaped, bytes that are not UTF-8 replaced.
void append_json_string(std::string& out, std::string_view text);

}  // namespace lmc::record
