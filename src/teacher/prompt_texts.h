// The texts a teacher is asked with, as templates: built in, or from a folder of your own.
//
// A folder holds system.txt, reject.txt, rationalise.txt and judge.txt (the judge's system
// message); a file that is not there leaves the built-in text. In reject.txt and rationalise.txt
// these words in braces are filled in:
//   {task}         what the student will be asked: question, options, and how to reply
//   {question}  {options}  {caption}  {answer} (the gold letter)  {answer_text}
// {task} begins with the caption when it may be shown; {caption} is empty when it may not.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "base/json.h"  // Json

namespace lmc::teacher {

struct PromptTexts {
  std::string system;       // empty: no system message
  std::string reject;       // the gold answer is withheld
  std::string rationalise;  // the gold answer is given
  std::string judge;        // the judge's system message
};

const PromptTexts& default_prompt_texts();

// Errors: InputError for a folder without any of the files, and for a template that asks nothing.
PromptTexts read_prompt_texts(const std::string& folder);

// Writes the built-in texts for editing; a file that exists is not overwritten (InputError).
void write_prompt_texts(const std::string& folder);

// {"system": ..., "reject": ..., "rationalise": ..., "judge": ..., "sha256": of the four}
Json to_json(const PromptTexts& texts);

// Replaces each "{name}" of `values`; other braces stay as they are. Values are not looked into.
std::string filled(std::string_view text, const std::map<std::string, std::string>& values);

}  // namespace lmc::teacher
