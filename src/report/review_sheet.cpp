#include "report/review_sheet.h"

#include <algorithm>
#include <filesystem>
#include <map>
#include <unordered_map>

#include "base/check.h"          // InputError, cat
#include "base/files.h"          // write_file, make_parent_folder
#include "base/random.h"         // Random
#include "base/sha256.h"         // sha256_hex
#include "record/explanation.h"  // Explanation
#include "record/json_lines.h"   // for_each_record_at, LineReader

namespace lmc::report {

namespace {

namespace fs = std::filesystem;

// An explanation that may be drawn.
struct Line {
  std::string question_id;
  uint64_t offset = 0;
  bool accepted = false;
  std::string reason;
};

bool is_about_the_text(const std::string& reason) {
  for (const char* other :
       {"truncated", "empty", "refused", "no-answer", "no-reasoning", "wrong-answer"}) {
    if (reason == other) return false;
  }
  return true;
}

bool can_be_shown(const record::Explanation& line) {
  return !line.reasoning.empty() && (line.accepted || is_about_the_text(line.reason));
}

// In the order of the questions' first lines; the last line of a question counts.
std::vector<Line> read_lines(const std::string& ledger) {
  std::vector<Line> lines;
  std::vector<bool> shown;
  std::unordered_map<std::string, size_t> place_of;
  record::for_each_record_at(
      ledger, record::LastLine::kMayBeCut,
      [&](const Json& json, const std::string& where, uint64_t offset) {
        const auto one = record::explanation_from_json(json, where);
        const auto [it, is_new] = place_of.emplace(one.question_id, lines.size());
        if (is_new) {
          lines.emplace_back();
          shown.push_back(false);
        }
        lines[it->second] = {one.question_id, offset, one.accepted, one.reason};
        shown[it->second] = can_be_shown(one);
      });
  std::vector<Line> kept;
  for (size_t i = 0; i < lines.size(); ++i) {
    if (shown[i]) kept.push_back(std::move(lines[i]));
  }
  return kept;
}

// Keeps the lines whose question is there, and of the split.
void keep_questions_of_split(std::vector<Line>& lines, const ReviewSheetOptions& options) {
  std::unordered_map<std::string, bool> has_question;
  for (const Line& line : lines) has_question[line.question_id] = false;
  record::for_each_question(
      options.questions, [&](const record::Question& question, const std::string&) {
        const auto found = has_question.find(question.id);
        if (found == has_question.end()) return;
        found->second = options.split.empty() || question.split == options.split;
      });
  std::erase_if(lines, [&](const Line& line) { return !has_question[line.question_id]; });
}

// One of each rule in turn, so that a rare rule is seen as often as a frequent one.
std::vector<Line> rules_in_turn(std::vector<Line> rejected) {
  const size_t total = rejected.size();
  std::map<std::string, std::vector<Line>> by_rule;
  for (Line& line : rejected) by_rule[line.reason].push_back(std::move(line));
  std::vector<Line> order;
  for (size_t round = 0; order.size() < total; ++round) {
    for (auto& [rule, lines] : by_rule) {
      if (round < lines.size()) order.push_back(std::move(lines[round]));
    }
  }
  return order;
}

// Half accepted, half rejected; where one side has too few lines, the other has more.
std::vector<Line> draw(std::vector<Line> lines, const ReviewSheetOptions& options,
                       record::ReviewKey& key) {
  Random random = Random::named(static_cast<uint64_t>(options.seed), "review sheet");
  random.shuffle(lines);
  std::vector<Line> accepted;
  std::vector<Line> rejected;
  for (Line& line : lines) (line.accepted ? accepted : rejected).push_back(std::move(line));
  rejected = rules_in_turn(std::move(rejected));
  key.accepted_in_ledger = static_cast<int64_t>(accepted.size());
  key.rejected_in_ledger = static_cast<int64_t>(rejected.size());

  const auto wanted = static_cast<size_t>(options.items);
  const size_t num_rejected =
      std::min(rejected.size(), std::max(wanted / 2, wanted - std::min(wanted, accepted.size())));
  const size_t num_accepted = std::min(accepted.size(), wanted - num_rejected);
  std::vector<Line> drawn(accepted.begin(),
                          accepted.begin() + static_cast<ptrdiff_t>(num_accepted));
  drawn.insert(drawn.end(), rejected.begin(),
               rejected.begin() + static_cast<ptrdiff_t>(num_rejected));
  random.shuffle(drawn);
  return drawn;
}

// The questions of the drawn lines, in their order.
std::vector<record::Question> questions_of(const std::vector<Line>& drawn,
                                           const std::string& path) {
  std::unordered_map<std::string, size_t> place_of;
  for (size_t i = 0; i < drawn.size(); ++i) place_of[drawn[i].question_id] = i;
  std::vector<record::Question> questions(drawn.size());
  record::for_each_question(path, [&](record::Question question, const std::string&) {
    const auto found = place_of.find(question.id);
    if (found != place_of.end()) questions[found->second] = std::move(question);
  });
  return questions;
}

std::string key_path(const std::string& page) {
  const fs::path path(page);
  const bool is_html = path.extension() == ".html" || path.extension() == ".htm";
  return (is_html ? path.parent_path() / path.stem() : path).string() + ".key.json";
}

void check_options(ReviewSheetOptions options) {
  check_fields(options.fields(), "litemedcot teach --review-sheet");
  for (const std::string& path : {options.out, key_path(options.out)}) {
    if (file_exists(path)) {
      throw InputError(path, "is there already; ratings may belong to it", "name a new file");
    }
  }
}

}  // namespace

std::vector<Field> ReviewSheetOptions::fields() {
  return {{"questions", "questions.jsonl of `prepare`", as_file(&questions), true},
          {"explanations", "the ledger", as_file(&explanations), true},
          {"out", "the page; its key stands beside it", as_file(&out), true},
          {"items", "explanations to show", &items, from_to(1, kMaxSheetItems)},
          {"seed", "decides which", &seed},
          {"split", "only questions of this split", &split}};
}

std::string summary(const ReviewSheetResult& result) {
  return cat(result.page, ": sheet ", result.sheet, ", ", result.items(), " explanations, ",
             result.accepted, " accepted and ", result.rejected,
             " rejected; not for raters: ", result.key, "\n");
}

ReviewSheetResult write_review_sheet(const ReviewSheetOptions& options) {
  check_options(options);
  std::vector<Line> lines = read_lines(options.explanations);
  keep_questions_of_split(lines, options);
  record::ReviewKey key;
  key.ledger = options.explanations;
  const std::vector<Line> drawn = draw(std::move(lines), options, key);
  if (drawn.empty()) {
    throw InputError(options.explanations, "no explanation with a question could be shown");
  }
  std::vector<record::Question> questions = questions_of(drawn, options.questions);

  ReviewSheetResult result{options.out, key_path(options.out), {}, 0, 0};
  record::LineReader ledger(options.explanations);
  std::vector<SheetItem> items;
  std::string identity;
  for (size_t i = 0; i < drawn.size(); ++i) {
    const auto line =
        record::explanation_from_json(ledger.record_at(drawn[i].offset), options.explanations);
    record::Question& question = questions[i];
    std::string letters;
    for (const auto& [letter, text] : question.options) letters += letter;
    key.items.push_back({static_cast<int64_t>(i) + 1, question.id, line.accepted, line.reason,
                         line.answer, std::string(1, question.answer), letters});
    ++(line.accepted ? result.accepted : result.rejected);
    identity += to_text(Json{question.id, question.image_sha256, line.reasoning, line.answer});
    items.push_back({std::move(question), line.reasoning, line.answer});
  }
  constexpr size_t kIdDigits = 12;
  key.sheet = sha256_hex(identity).substr(0, kIdDigits);
  result.sheet = key.sheet;

  make_parent_folder(options.out);
  write_file(result.key, to_pretty_text(record::to_json(key)));
  write_file(options.out, review_page(key.sheet, items));
  return result;
}

}  // namespace lmc::report
