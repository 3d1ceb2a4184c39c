#include "record/question_line.h"

namespace lmc::record {

namespace {

void append_member(std::string& out, std::string_view key, std::string_view value) {
  out += ",\"";
  out += key;
  out += "\":";
  append_json_string(out, value);
}

}  // namespace

void append_json_string(std::string& out, std::string_view text) {
  const auto is_plain = [](char c) { return c >= 0x20 && c < 0x7F && c != '"' && c != '\\'; };
  const size_t begin = out.size();
  out += '"';
  for (size_t place = 0; place < text.size();) {
    size_t end = place;
    while (end < text.size() && is_plain(text[end])) ++end;
    out.append(text, place, end - place);
    if (end == text.size()) break;
    const char c = text[end];
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (c == '\n') {
      out += "\\n";
    } else {
      // The rarer control characters, and UTF-8 that must be checked.
      out.resize(begin);
      out += to_text(Json(text));
      return;
    }
    place = end + 1;
  }
  out += '"';
}

void append_line(std::string& out, const Question& question) {
  out += "{\"id\":";
  append_json_string(out, question.id);
  append_member(out, "image", question.image);
  append_member(out, "image_sha256", question.image_sha256);
  append_member(out, "question", question.question);
  out += ",\"options\":";
  char before = '{';
  for (const auto& [letter, text] : question.options) {
    out += before;
    before = ',';
    append_json_string(out, std::string_view(&letter, 1));
    out += ':';
    append_json_string(out, text);
  }
  out += question.options.empty() ? "{}" : "}";
  append_member(out, "answer", std::string_view(&question.answer, 1));
  if (!question.caption.empty()) append_member(out, "caption", question.caption);
  append_member(out, "split", question.split);
  append_member(out, "source", question.source);
  if (!question.group.empty()) append_member(out, "group", question.group);
  if (!question.boxes.empty()) out += ",\"boxes\":" + to_text(to_json(question.boxes));
  if (!question.modality.empty()) append_member(out, "modality", question.modality);
  out += "}\n";
}

}  // namespace lmc::record
