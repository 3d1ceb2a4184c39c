#include "teacher/export.h"

#include <filesystem>
#include <string_view>
#include <unordered_map>

#include "base/check.h"          // InputError, cat
#include "base/files.h"          // AtomicFile, make_parent_folder
#include "prompt/question.h"     // question_messages, training_reply
#include "record/explanation.h"  // Explanation
#include "record/json_lines.h"   // for_each_record_at, LineReader
#include "record/output.h"       // claim_file_output
#include "record/question.h"     // for_each_question

namespace lmc::teacher {

namespace {

namespace fs = std::filesystem;

struct Place {
  uint64_t offset = 0;
  bool accepted = false;
  bool has_question = false;
};

using Places = std::unordered_map<std::string, Place>;

Places read_places(const std::string& ledger) {
  Places places;
  record::for_each_record_at(ledger, record::LastLine::kMayBeCut,
                             [&](const Json& json, const std::string& where, uint64_t offset) {
                               const auto line = record::explanation_from_json(json, where);
                               places[line.question_id] = {offset, line.accepted, false};
                             });
  return places;
}

bool is_media_name(std::string_view name) {
  return name == "image" || name == "video" || name == "audio";
}

// "<image>" and "<|im_end|>" with square brackets. LLaMA-Factory counts <image>, <video> and
// <audio> in all turns; tokenizers read <|...|> as tokens of the chat.
std::string without_tokens(const std::string& text) {
  std::string plain = text;
  for (size_t open = plain.find('<'); open != plain.npos; open = plain.find('<', open + 1)) {
    const size_t close = plain.find('>', open);
    if (close == plain.npos) break;
    const std::string_view name = std::string_view(plain).substr(open + 1, close - open - 1);
    const bool is_chat_token = name.size() > 2 && name.front() == '|' && name.back() == '|';
    if (!is_chat_token && !is_media_name(name)) continue;
    plain[open] = '[';
    plain[close] = ']';
  }
  return plain;
}

std::string image_path(const std::string& image, const std::string& root) {
  const fs::path absolute = fs::absolute(image).lexically_normal();
  if (root.empty()) return absolute.string();
  return absolute.lexically_relative(fs::absolute(root).lexically_normal()).string();
}

Json sharegpt_line(const std::string& id, const std::string& image, const std::string& user,
                   const std::string& reply) {
  return {{"id", id},
          {"image", image},
          {"images", Json::array({image})},
          {"conversations", Json::array({{{"from", "human"}, {"value", cat("<image>\n", user)}},
                                         {{"from", "gpt"}, {"value", reply}}})}};
}

Json messages_line(const std::string& id, const std::string& image, const std::string& user,
                   const std::string& reply) {
  const Json text = {{"type", "text"}, {"text", user}};
  const Json answer = {{"type", "text"}, {"text", reply}};
  return {{"id", id},
          {"messages",
           Json::array({{{"role", "user"}, {"content", Json::array({{{"type", "image"}}, text})}},
                        {{"role", "assistant"}, {"content", Json::array({answer})}}})},
          {"images", Json::array({image})}};
}

class Exporter {
 public:
  Exporter(const ExportOptions& options, ExportResult& result)
      : options_(options), result_(result), out_(options.out) {}

  void add(const record::Question& question, const record::Explanation& explanation) {
    const prompt::QuestionText text{question.question, question.options, ""};
    const auto style = prompt::ReplyStyle::kReasoningThenAnswer;
    const std::string asked = prompt::question_messages(text, style).at(0).parts.back().text;
    ++result_.questions;
    add_line(question.id, question, asked, explanation.reasoning);
    for (size_t i = 0; i < explanation.further_reasonings.size(); ++i) {
      add_line(cat(question.id, "#", i + 2), question, asked, explanation.further_reasonings[i]);
    }
  }

  void commit() { out_.commit(); }

 private:
  void add_line(const std::string& id, const record::Question& question, const std::string& asked,
                const std::string& reasoning) {
    const std::string reply =
        prompt::training_reply(reasoning, question.answer, prompt::ReplyStyle::kReasoningThenAnswer,
                               prompt::ChatStyle::kInstruct);
    const std::string user = without_tokens(asked);
    const std::string assistant = without_tokens(reply);
    const std::string image = image_path(question.image, options_.image_root);
    out_.write(to_text(options_.form == "sharegpt" ? sharegpt_line(id, image, user, assistant)
                                                   : messages_line(id, image, user, assistant)) +
               "\n");
    ++result_.lines;
    result_.changed_texts += user != asked || assistant != reply ? 1 : 0;
  }

  const ExportOptions& options_;
  ExportResult& result_;
  AtomicFile out_;
};

}  // namespace

std::vector<Field> ExportOptions::fields() {
  return {
      {"questions", "questions.jsonl of `prepare`", &questions, true},
      {"explanations", "the ledger", &explanations, true},
      {"out", "JSON Lines file to write", &out, true},
      {"form",
       "sharegpt (LLaVA, LLaMA-Factory, ms-swift) or messages (TRL)",
       &form,
       false,
       {"sharegpt", "messages"}},
      {"split", "only questions of this split", &split},
      {"image-root", "write image paths relative to this folder; default: absolute", &image_root}};
}

std::string summary(const ExportResult& result) {
  std::string text = cat("exported ", result.questions, " questions, ", result.lines,
                         " lines; rejected and left out ", result.rejected);
  if (result.other_split > 0) text += cat(", of another split ", result.other_split);
  text += cat(", no such question ", result.no_question, "\n");
  if (result.changed_texts > 0) {
    text += cat("note, ", result.changed_texts,
                ": tokens inside a text, such as <image>, are written in square brackets\n");
  }
  return text;
}

ExportResult export_explanations(const ExportOptions& given) {
  ExportOptions options = given;
  check_fields(options.fields(), "litemedcot teach --export");
  record::claim_file_output(options.out, {options.questions, options.explanations}, "an export",
                            [](const std::string& path) {
                              return record::is_json_lines_with(path, "conversations") ||
                                     record::is_json_lines_with(path, "messages");
                            });
  Places places = read_places(options.explanations);
  record::LineReader ledger(options.explanations);
  make_parent_folder(options.out);
  ExportResult result;
  Exporter exporter(options, result);
  record::for_each_question(
      options.questions, [&](const record::Question& question, const std::string& where) {
        const auto found = places.find(question.id);
        if (found == places.end()) return;
        Place& place = found->second;
        if (place.has_question) {
          throw InputError(where, cat("the id \"", question.id, "\" occurs twice"));
        }
        place.has_question = true;
        if (!place.accepted) {
          ++result.rejected;
        } else if (!options.split.empty() && question.split != options.split) {
          ++result.other_split;
        } else {
          exporter.add(question, record::explanation_from_json(ledger.record_at(place.offset),
                                                               options.explanations));
        }
      });
  for (const auto& [id, place] : places) result.no_question += place.has_question ? 0 : 1;
  exporter.commit();
  return result;
}

}  // namespace lmc::teacher
