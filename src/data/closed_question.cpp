#include "data/closed_question.h"

#include <unordered_set>

#include "base/ascii_case.h"  // lower_case
#include "base/check.h"       // cat
#include "data/alternatives.h"
#include "data/clean_text.h"  // trim
#include "data/json_rows.h"   // text_in

namespace lmc::data {

namespace {

// What affirms and what denies, in the words of the sets.
constexpr std::pair<std::string_view, std::string_view> kYesAndNo[] = {
    {"Yes", "No"},      {"是", "不是"},     {"是", "否"},       {"是的", "不是"},
    {"有", "没有"},     {"有", "无"},       {"能", "不能"},     {"可以", "不可以"},
    {"会", "不会"},     {"对", "不对"},     {"包含", "不包含"}, {"包括", "不包括"},
    {"存在", "不存在"}, {"正常", "不正常"}, {"健康", "不健康"}};

// Why a row makes no question.
struct Problem {
  const char* reason;
  std::string detail;
};

// Fills in options and gold letter. What the question itself offers comes before yes and no:
// "正常还是异常" is not a choice of normal and not normal.
std::optional<Problem> read_choices(const std::string& answer, record::Question& question) {
  const Alternatives found = read_alternatives(question.question, answer);
  if (found.texts.empty()) {
    const bool offers = question.question.find("还是") != question.question.npos;
    if (!offers && read_yes_or_no(answer, question)) return std::nullopt;
    return Problem{found.problem, answer};
  }
  char letter = 'A';
  for (const std::string& text : found.texts) question.options[letter++] = text;
  question.answer = static_cast<char>('A' + static_cast<int>(found.gold));
  return std::nullopt;
}

std::optional<Problem> read_row(const Json& row, const ClosedKeys& keys,
                                const CompleteQuestion& complete, record::Question& question) {
  if (!row.is_object()) return Problem{"the entry is not an object", ""};
  const auto id = text_of(row, "qid");
  const auto text = text_of(row, "question");
  const auto answer = text_of(row, "answer");
  const auto image = text_of(row, keys.image);
  const auto answer_type = text_of(row, "answer_type");
  const auto group = text_of(row, keys.group);
  if (!id || !text || !answer || !image || !answer_type || !group) {
    return Problem{"a key is missing or is neither text nor number",
                   cat("needs qid, question, answer, ", keys.image, ", answer_type, ", keys.group)};
  }
  if (text->empty() || image->empty()) return Problem{"the question or its image is empty", *id};
  if (*answer_type != "CLOSED") return Problem{kOpenQuestion, *answer_type};
  question.question = *text;
  question.image = *image;
  complete(row, *id, *group, question);
  return read_choices(*answer, question);
}

}  // namespace

std::optional<std::string> text_of(const Json& row, const char* key) {
  const auto found = row.find(key);
  if (found == row.end()) return std::nullopt;
  const auto text = text_in(*found);
  if (!text) return std::nullopt;
  return std::string(trim(*text));
}

bool read_yes_or_no(const std::string& answer, record::Question& question) {
  const std::string plain = lower_case(answer);
  for (const auto& [yes, no] : kYesAndNo) {
    const bool affirms = plain == lower_case(yes);
    if (!affirms && plain != lower_case(no)) continue;
    question.options = {{'A', std::string(yes)}, {'B', std::string(no)}};
    question.answer = affirms ? 'A' : 'B';
    return true;
  }
  return false;
}

void for_each_closed_question(const std::string& path, const ClosedKeys& keys,
                              const CompleteQuestion& complete, const VisitRow& visit) {
  std::unordered_set<std::string> ids;
  const auto read = [&](JsonRow& json, SourceRow& row) {
    std::optional<Problem> problem = read_row(json.value, keys, complete, row.question);
    if (!problem && !ids.insert(row.question.id).second) {
      problem = Problem{kRepeatedId, row.question.id};
    }
    if (problem) row.reject(problem->reason, std::move(problem->detail));
  };
  for_each_json_source_row(path, read, visit);
}

}  // namespace lmc::data
