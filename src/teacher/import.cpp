#include "teacher/import.h"

#include <fstream>
#include <memory>
#include <optional>
#include <set>
#include <utility>

#include "base/check.h"             // InputError, cat
#include "base/files.h"             // AtomicFile, for_each_line
#include "base/input_file.h"        // open_input
#include "base/json_list.h"         // for_each_json_item
#include "base/progress.h"          // Progress
#include "reading/answer_letter.h"  // answer_letter, reasoning_of
#include "reading/plain_words.h"
#include "record/output.h"  // check_list_beside
#include "teacher/foreign_answer.h"
#include "teacher/ledger.h"
#include "teacher/listed_options.h"
#include "teacher/question_index.h"

namespace lmc::teacher {

namespace {

bool is_json_list(const std::string& path) {
  std::ifstream in = open_input(path);
  in >> std::ws;
  return in.peek() == '[';
}

// Whether the text speaks of an option by its letter: "option A", "(C)", "B.", or a capital that
// stands alone; "A" and "I" are also English words.
bool names_letter(const std::string& text, const std::map<char, std::string>& options) {
  static const std::set<uint64_t> kBefore = {
      reading::words_hash("option"), reading::words_hash("options"), reading::words_hash("choice"),
      reading::words_hash("answer")};
  const std::vector<reading::PlainWord> words = reading::plain_words(text);
  for (size_t i = 0; i < words.size(); ++i) {
    const reading::PlainWord& word = words[i];
    const char letter = text[word.begin];
    if (word.end - word.begin != 1 || !options.contains(letter)) continue;
    const bool has_mark = word.end < text.size() &&
                          std::string_view(").:").find(text[word.end]) != std::string_view::npos;
    const bool follows =
        i > 0 && kBefore.contains(reading::words_hash(std::span(&words[i - 1], 1)));
    if (follows || has_mark || (letter != 'A' && letter != 'I')) return true;
  }
  return false;
}

// What was understood of one foreign explanation.
struct Imported {
  size_t place = 0;
  record::Explanation line;
  bool relettered = false;
  std::string problem;  // why it cannot be used; empty when it can
};

Imported unusable(const std::string& problem) { return {0, {}, false, problem}; }

class Importer {
 public:
  Importer(const ImportOptions& options, const Rules& rules,
           const std::function<void(const record::Explanation&)>& add, ImportResult& result)
      : options_(options),
        rules_(rules),
        add_(add),
        result_(result),
        index_(options.questions, options.match_images),
        is_done_(index_.size(), false),
        unmatched_(options.out + ".unmatched.jsonl") {}

  void row(const Json& json, size_t number) {
    const std::string where = cat(options_.source, ":", number);
    ++result_.rows;
    if (!form_) form_ = form_of(options_.form, json, where);
    std::vector<ForeignAnswer> answers;
    try {
      answers = read_foreign_row(*form_, json, where);
    } catch (const InputError& error) {
      return leave_out(number, "", "unreadable", error.what());
    }
    if (answers.empty()) leave_out(number, id_of(json), "no explanation");
    for (const ForeignAnswer& answer : answers) explanation(answer, number);
  }

  void unreadable_row(size_t number, const std::string& detail) {
    ++result_.rows;
    leave_out(number, "", "unreadable", detail);
  }

  void finish() {
    hand_over();
    unmatched_.commit();
    if (form_) result_.form = form_word(*form_);
  }

 private:
  void leave_out(size_t number, const std::string& id, const std::string& reason,
                 const std::string& detail = {}) {
    ++result_.unmatched[reason];
    Json line = {{"row", number}};
    if (!id.empty()) line["id"] = id;
    line["reason"] = reason;
    if (!detail.empty()) line["detail"] = detail;
    unmatched_.write(to_text(line) + "\n");
  }

  Imported read(const ForeignAnswer& answer) {
    if (answer.reply.empty()) return unusable("no explanation");
    const ListedOptions listed(answer.prompt);
    const QuestionIndex::Match match = index_.find(answer, listed);
    if (!match.problem.empty()) return unusable(match.problem);
    if (is_done_[match.question]) return unusable("explained before");
    const record::Question question = index_.question(match.question);

    // The options as the foreign prompt letters them.
    std::map<char, std::string> theirs = question.options;
    std::map<char, char> ours_of;
    bool relettered = false;
    for (const auto& [letter, text] : question.options) ours_of[letter] = letter;
    if (listed.any()) {
      const auto letters = listed.letters_of(question.options);
      if (!letters) return unusable("other options");
      theirs.clear();
      ours_of.clear();
      for (const auto& [ours, foreign] : *letters) {
        theirs[foreign] = question.options.at(ours);
        ours_of[foreign] = ours;
        relettered = relettered || ours != foreign;
      }
    }

    Imported imported{match.question, {}, relettered, {}};
    record::Explanation& line = imported.line;
    line.question_id = question.id;
    line.reasoning = reading::reasoning_of(answer.reply);
    if (const auto letter = reading::answer_letter(answer.reply, theirs)) {
      line.answer = std::string(1, ours_of.at(*letter));
    }
    if (relettered && names_letter(line.reasoning, theirs)) {
      return unusable("reasoning names letters of another order");
    }
    line.reply = line.reasoning;
    if (!line.answer.empty()) line.reply += cat("\n\nAnswer: ", line.answer);
    line.mode = "import";
    line.teacher = !options_.teacher.empty() ? options_.teacher
                   : !answer.model.empty()   ? answer.model
                                             : form_word(*form_);
    rules_(line, question);
    return imported;
  }

  void explanation(const ForeignAnswer& answer, size_t number) {
    ++result_.explanations;
    Imported imported = read(answer);
    if (!imported.problem.empty()) return leave_out(number, answer.id, imported.problem);
    result_.relettered += imported.relettered ? 1 : 0;
    if (pending_ == nullptr || pending_->place != imported.place) {
      hand_over();
      pending_ = std::make_unique<Imported>(std::move(imported));
      return;
    }
    record::Explanation& line = pending_->line;
    ++line.samples;
    if (!imported.line.accepted) return;
    if (line.accepted) {
      line.further_reasonings.push_back(std::move(imported.line.reasoning));
      ++result_.further;
    } else {
      imported.line.samples = line.samples;
      line = std::move(imported.line);
    }
  }

  // The question's explanations have all been read.
  void hand_over() {
    if (pending_ == nullptr) return;
    const record::Explanation& line = pending_->line;
    ++result_.lines;
    if (line.accepted) {
      ++result_.accepted;
    } else {
      ++result_.rejected[line.reason];
    }
    add_(line);
    is_done_[pending_->place] = true;
    pending_.reset();
  }

  const ImportOptions& options_;
  const Rules& rules_;
  const std::function<void(const record::Explanation&)>& add_;
  ImportResult& result_;
  QuestionIndex index_;
  std::vector<bool> is_done_;  // by the question's place
  AtomicFile unmatched_;
  std::optional<ForeignForm> form_;
  std::unique_ptr<Imported> pending_;  // the question that is being read
};

}  // namespace

std::vector<Field> ImportOptions::fields() {
  return {
      {"questions", "questions.jsonl of `prepare`", &questions, true},
      {"import", "JSON Lines file, or JSON list, of explanations made elsewhere", &source, true},
      {"out", "the ledger", &out, true},
      {"form",
       "of the rows",
       &form,
       false,
       {"auto", "medvlthinker", "llava-cot", "sharegpt", "messages"}},
      {"teacher", "who wrote the explanations; default: as the rows say", &teacher},
      {"match-pictures", "the image's file name must be the same", &match_images}};
}

std::string summary(const ImportResult& result) {
  const auto list = [](const std::map<std::string, int64_t>& counts) {
    int64_t sum = 0;
    std::string reasons;
    for (const auto& [reason, count] : counts) {
      sum += count;
      reasons += cat(reasons.empty() ? " (" : ", ", reason, " ", count);
    }
    return cat(sum, reasons, reasons.empty() ? "" : ")");
  };
  std::string text = cat(result.rows, " rows of the form ", result.form, ", ", result.explanations,
                         " explanations: ", result.lines, " questions, accepted ", result.accepted,
                         ", rejected ", list(result.rejected), "; further explanations ",
                         result.further, "; not used ", list(result.unmatched), "\n");
  if (result.already_done > 0) {
    text += cat("left alone, ", result.already_done, ": the ledger had these questions\n");
  }
  if (result.relettered > 0) {
    text +=
        cat("note, ", result.relettered,
            ": the options stood in another order; the letter was found by the option's text\n");
  }
  return text;
}

ImportResult import_explanations(const ImportOptions& given, const Rules& rules,
                                 const std::function<void(const record::Explanation&)>& add,
                                 const std::function<void()>& progress) {
  ImportOptions options = given;
  check_fields(options.fields(), "litemedcot teach --import");
  const bool is_list = is_json_list(options.source);
  make_parent_folder(options.out);
  record::check_list_beside(options.out + ".unmatched.jsonl", "row");
  ImportResult result;
  Importer importer(options, rules, add, result);
  const auto row = [&](const Json& json, size_t number) {
    importer.row(json, number);
    if (progress) progress();
  };
  if (is_list) {
    for_each_json_item(options.source, row);
  } else {
    for_each_line(options.source, [&](size_t number, std::string_view line) {
      Json json;
      try {
        json = parse_json(line, cat(options.source, ":", number));
      } catch (const InputError& error) {
        return importer.unreadable_row(number, error.what());
      }
      row(json, number);
    });
  }
  importer.finish();
  return result;
}

ImportResult import_into_ledger(const ImportOptions& options, const AcceptanceOptions& rules,
                                std::ostream& out) {
  rules.check();
  Ledger ledger(options.out);
  Progress progress(out, "import", 0, "rows");
  int64_t already_done = 0;
  ImportResult result = import_explanations(
      options,
      [&](record::Explanation& line, const record::Question& question) {
        const Verdict verdict = judge_explanation(line.reasoning, line.answer, question, rules);
        line.accepted = verdict.accepted;
        line.reason = verdict.reason;
      },
      [&](const record::Explanation& line) {
        if (ledger.find(line.question_id) == nullptr) {
          ledger.append(line);
        } else {
          ++already_done;
        }
      },
      [&] { progress.add(1); });
  ledger.sync();
  result.already_done = already_done;
  return result;
}

}  // namespace lmc::teacher
