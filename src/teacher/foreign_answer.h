// Explanations as other projects publish them: one row of their files, in the terms of ours.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"  // Json

namespace lmc::teacher {

struct ForeignAnswer {
  std::string id;                   // empty: none
  std::string prompt;               // what was asked, with the options if the row has them
  std::vector<std::string> images;  // names or paths; empty: the row names none
  std::string reply;  // the reasoning, then a line "Answer: ..." if the row tells the answer apart
  std::string model;  // empty: the row names none
};

// kMedVlThinker: UCSC-VLAA/MedVLThinker, data_process/train_dataset: rows with images, question,
//   options (a JSON object as a string), answer_label, answer, reasoning, dataset_name,
//   dataset_index. `reasoning` is null where no sample was right.
// kLlavaCot: PKU-YuanGroup/LLaVA-CoT: id, image, conversations; replies in the tags <SUMMARY>,
//   <CAPTION>, <REASONING>, <CONCLUSION>. The reasoning is CAPTION and REASONING: CAPTION is not a
//   figure's caption but what the teacher sees in the image, on which REASONING builds. SUMMARY
//   only announces what will be done and is left out.
// kShareGpt: conversations of human and gpt (or user and assistant), as LLaVA and LLaMA-Factory
//   read them and `teach` exports them.
// kMessages: messages of user and assistant with texts or lists of parts, as TRL, ms-swift and
//   `teach --export` write them.
enum class ForeignForm { kMedVlThinker, kLlavaCot, kShareGpt, kMessages };

std::string form_word(ForeignForm form);  // "medvlthinker", "llava-cot", "sharegpt", "messages"

// The form of this name, or for "auto" that of the row's keys and tags.
// Errors: InputError at `where` for an unknown name, or a row of no known form.
ForeignForm form_of(const std::string& name, const Json& row, std::string_view where);

// The explanations of one row: one a pair of question and reply. Those without a reply are in the
// list, with an empty one.
// Errors: InputError for a row of another form.
std::vector<ForeignAnswer> read_foreign_row(ForeignForm form, const Json& row,
                                            std::string_view where);

// The forms, one a file.
std::vector<ForeignAnswer> read_medvlthinker(const Json& row, std::string_view where);
std::vector<ForeignAnswer> read_llava_cot(const Json& row, std::string_view where);
std::vector<ForeignAnswer> read_sharegpt(const Json& row, std::string_view where);
std::vector<ForeignAnswer> read_messages(const Json& row, std::string_view where);

// What the readers share.
std::string id_of(const Json& row);  // "id" as text; a number is written out
std::string model_of(const Json& row);
// Names under "image" or "images": texts, or objects with "path".
std::vector<std::string> images_of(const Json& row);
std::string without_blanks_around(std::string_view text);
// <answer>B</answer> as a line "Answer: B" after everything else.
std::string with_answer_line(const std::string& reply);

// Between a tag's beginning and end; to the end of the text when it is not closed; empty: absent.
std::string_view between_tags(std::string_view text, std::string_view name);

}  // namespace lmc::teacher
