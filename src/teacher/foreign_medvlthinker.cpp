// Rows of MedVLThinker's data sets.
// Mirrors: UCSC-VLAA/MedVLThinker, data_process/train_dataset/prepare_pmc_vqa.py (the keys),
// merge_pmc_vqa_cot.py (`reasoning`: what stood in <think> of the first right sample).
#include <map>

#include "base/check.h"  // cat
#include "teacher/foreign_answer.h"

namespace lmc::teacher {

namespace {

// By letter. `options` as written: a JSON object in a string. An object is taken as well.
std::map<std::string, std::string> options_of(const Json& row, std::string_view where) {
  const auto found = row.find("options");
  if (found == row.end() || found->is_null()) return {};
  const Json options = found->is_string() ? parse_json(found->get<std::string>(), where) : *found;
  if (!options.is_object()) fail_json_type(where, "options", "object", options);
  std::map<std::string, std::string> texts;
  for (const auto& [letter, text] : options.items()) {
    texts[letter] = json_as<std::string>(text, where, "options");
  }
  return texts;
}

}  // namespace

std::vector<ForeignAnswer> read_medvlthinker(const Json& row, std::string_view where) {
  ForeignAnswer answer;
  answer.id = id_of(row);
  answer.model = model_of(row);
  answer.images = images_of(row);
  answer.prompt = cat(json_get<std::string>(row, "question", where), "\n");
  for (const auto& [letter, text] : options_of(row, where)) {
    answer.prompt += cat(letter, ". ", text, "\n");
  }
  const std::string reasoning =
      without_blanks_around(json_get_or<std::string>(row, "reasoning", where, ""));
  if (reasoning.empty()) return {answer};
  answer.reply = with_answer_line(reasoning);
  if (answer.reply == reasoning) {  // no answer of its own
    const std::string label =
        without_blanks_around(json_get_or<std::string>(row, "answer_label", where, ""));
    const std::string text = json_get_or<std::string>(row, "answer", where, "");
    answer.reply += cat("\n\nAnswer: ", label.empty() ? text : label);
  }
  return {answer};
}

}  // namespace lmc::teacher
