#include "data/closed_question.h"

#include <algorithm>
#include <initializer_list>
#include <unordered_set>
#include <vector>

#include "base/check.h"       // InputError, cat
#include "data/clean_text.h"  // lower, trim

namespace lmc::data {

namespace {

using Words = std::vector<std::string>;

Words words_of(std::string_view text) {
  Words words(1);
  for (const char c : text) {
    if (c == ' ' || c == '\t' || c == '\n') {
      if (!words.back().empty()) words.emplace_back();
    } else {
      words.back() += c;
    }
  }
  if (words.back().empty()) words.pop_back();
  return words;
}

bool is_one_of(const std::string& word, std::initializer_list<std::string_view> list) {
  return std::find(list.begin(), list.end(), lower(word)) != list.end();
}

bool is_article(const std::string& word) { return is_one_of(word, {"a", "an", "the"}); }

// The two alternatives of "... W1 or W2 next ...?", one of which is the answer: W1 and W2, or with
// the noun they share ("left or right side", answer "Left side").
// Nothing when another reading is possible: more than one "or", a list with commas, "or not", or
// phrases of several words ("a physical injury or a medical process").
std::optional<std::map<char, std::string>> alternatives(const std::string& question,
                                                        const std::string& answer) {
  Words words = words_of(question);
  if (!words.empty() && words.back().ends_with("?")) words.back().pop_back();
  const auto is_or = [](const std::string& word) { return is_one_of(word, {"or"}); };
  if (std::count_if(words.begin(), words.end(), is_or) != 1) return std::nullopt;
  const auto place =
      static_cast<size_t>(std::find_if(words.begin(), words.end(), is_or) - words.begin());
  const bool has_article = place + 1 < words.size() && is_article(words[place + 1]);
  const size_t second_place = place + (has_article ? 2 : 1);
  if (place < 1 || second_place >= words.size()) return std::nullopt;
  if (has_article && (place < 2 || !is_article(words[place - 2]))) return std::nullopt;

  const std::string& first = words[place - 1];
  const std::string& second = words[second_place];
  const std::string next = second_place + 1 < words.size() ? words[second_place + 1] : "";
  const bool is_plain = first.find(',') == first.npos && !is_one_of(second, {"no", "not"}) &&
                        !is_one_of(first, {lower(next), lower(second)});
  if (!is_plain) return std::nullopt;
  if (is_one_of(answer, {lower(first), lower(second)})) return {{{'A', first}, {'B', second}}};
  if (!next.empty() && lower(answer) == lower(first + " " + next)) {
    return {{{'A', first + " " + next}, {'B', second + " " + next}}};
  }
  return std::nullopt;
}

// What affirms and what denies, in the words of the sets.
constexpr std::pair<std::string_view, std::string_view> kYesAndNo[] = {
    {"Yes", "No"},      {"是", "不是"},     {"是", "否"},       {"是的", "不是"},  {"有", "没有"},
    {"包含", "不包含"}, {"存在", "不存在"}, {"正常", "不正常"}, {"健康", "不健康"}};

// Why a row makes no question.
struct Problem {
  const char* reason;
  std::string detail;
};

// Fills in options and gold letter.
std::optional<Problem> read_choices(const std::string& answer, record::Question& question) {
  if (read_yes_or_no(answer, question)) return std::nullopt;
  const std::string plain = lower(answer);
  const auto options = alternatives(question.question, answer);
  if (!options) {
    return Problem{"closed, but the question does not name the answer and one alternative", answer};
  }
  question.options = *options;
  question.answer = lower(question.options.at('A')) == plain ? 'A' : 'B';
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
  if (found->is_string()) return std::string(trim(found->get_ref<const std::string&>()));
  if (found->is_number()) return found->dump();
  return std::nullopt;
}

bool read_yes_or_no(const std::string& answer, record::Question& question) {
  const std::string plain = lower(answer);
  for (const auto& [yes, no] : kYesAndNo) {
    const bool affirms = plain == lower(yes);
    if (!affirms && plain != lower(no)) continue;
    question.options = {{'A', std::string(yes)}, {'B', std::string(no)}};
    question.answer = affirms ? 'A' : 'B';
    return true;
  }
  return false;
}

void for_each_closed_question(const std::string& path, const ClosedKeys& keys,
                              const CompleteQuestion& complete, const VisitRow& visit) {
  const Json entries = read_json(path);
  if (!entries.is_array()) throw InputError(path, "expected a list of questions");
  std::unordered_set<std::string> ids;
  int64_t number = 0;
  for (const Json& entry : entries) {
    SourceRow row;
    row.number = ++number;
    std::optional<Problem> problem = read_row(entry, keys, complete, row.question);
    if (!problem && !ids.insert(row.question.id).second) {
      problem = Problem{kRepeatedId, row.question.id};
    }
    if (problem) row.reject(problem->reason, std::move(problem->detail));
    visit(row);
  }
}

}  // namespace lmc::data
