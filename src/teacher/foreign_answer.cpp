#include "teacher/foreign_answer.h"

#include "base/check.h"  // InputError, cat

namespace lmc::teacher {

namespace {

constexpr ForeignForm kForms[] = {ForeignForm::kMedVlThinker, ForeignForm::kLlavaCot,
                                  ForeignForm::kShareGpt, ForeignForm::kMessages};

ForeignForm detected_form(const Json& row, std::string_view where) {
  if (row.is_object()) {
    if (row.contains("reasoning") && row.contains("answer_label"))
      return ForeignForm::kMedVlThinker;
    if (row.contains("messages")) return ForeignForm::kMessages;
    if (row.contains("conversations") || row.contains("conversation")) {
      const bool has_tags = to_text(row).find("<CONCLUSION>") != std::string::npos;
      return has_tags ? ForeignForm::kLlavaCot : ForeignForm::kShareGpt;
    }
  }
  throw InputError(where,
                   "expected a row with messages, conversations, or reasoning and answer_label",
                   "name its form with --form");
}

void add_image(const Json& value, std::vector<std::string>& names) {
  const Json* name = &value;
  if (value.is_object() && value.contains("path")) name = &value["path"];
  if (name->is_string() && !name->get<std::string>().empty()) {
    names.push_back(name->get<std::string>());
  }
}

}  // namespace

std::string form_word(ForeignForm form) {
  switch (form) {
    case ForeignForm::kMedVlThinker:
      return "medvlthinker";
    case ForeignForm::kLlavaCot:
      return "llava-cot";
    case ForeignForm::kShareGpt:
      return "sharegpt";
    case ForeignForm::kMessages:
      return "messages";
  }
  throw InternalError("no such form");
}

ForeignForm form_of(const std::string& name, const Json& row, std::string_view where) {
  if (name == "auto") return detected_form(row, where);
  for (const ForeignForm form : kForms) {
    if (name == form_word(form)) return form;
  }
  throw InputError("--form", cat("expected auto, medvlthinker, llava-cot, sharegpt or messages, "
                                 "found \"",
                                 name, "\""));
}

std::vector<ForeignAnswer> read_foreign_row(ForeignForm form, const Json& row,
                                            std::string_view where) {
  switch (form) {
    case ForeignForm::kMedVlThinker:
      return read_medvlthinker(row, where);
    case ForeignForm::kLlavaCot:
      return read_llava_cot(row, where);
    case ForeignForm::kShareGpt:
      return read_sharegpt(row, where);
    case ForeignForm::kMessages:
      return read_messages(row, where);
  }
  throw InternalError("no such form");
}

std::string id_of(const Json& row) {
  const auto found = row.find("id");
  if (found == row.end()) return {};
  if (found->is_string()) return found->get<std::string>();
  return found->is_number_integer() ? to_text(*found) : std::string();
}

std::string model_of(const Json& row) {
  const auto found = row.find("model");
  return found != row.end() && found->is_string() ? found->get<std::string>() : std::string();
}

std::vector<std::string> images_of(const Json& row) {
  std::vector<std::string> names;
  for (const char* key : {"image", "images"}) {
    const auto found = row.find(key);
    if (found == row.end()) continue;
    if (found->is_array()) {
      for (const Json& one : *found) add_image(one, names);
    } else {
      add_image(*found, names);
    }
  }
  return names;
}

std::string without_blanks_around(std::string_view text) {
  constexpr std::string_view kBlank = " \t\r\n";
  const size_t begin = text.find_first_not_of(kBlank);
  if (begin == text.npos) return {};
  return std::string(text.substr(begin, text.find_last_not_of(kBlank) + 1 - begin));
}

std::string_view between_tags(std::string_view text, std::string_view name) {
  const std::string open = cat("<", name, ">");
  const size_t begin = text.find(open);
  if (begin == text.npos) return {};
  text.remove_prefix(begin + open.size());
  return text.substr(0, text.find(cat("</", name, ">")));
}

std::string with_answer_line(const std::string& reply) {
  const size_t begin = reply.rfind("<answer>");
  if (begin == reply.npos) return reply;
  const std::string answer =
      without_blanks_around(between_tags(std::string_view(reply).substr(begin), "answer"));
  return cat(without_blanks_around(std::string_view(reply).substr(0, begin)),
             "\n\nAnswer: ", answer);
}

}  // namespace lmc::teacher
