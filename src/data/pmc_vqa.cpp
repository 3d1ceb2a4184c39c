// Traps of the set, as found in its files: choices carry their own label, blanks of many kinds, and
// quotes left over from the list they were cut from; labels that are doubled or out of order; gold
// labels that are a quote; choices that read "None" or "N/A" and mean it.
#include <algorithm>
#include <array>
#include <filesystem>
#include <optional>
#include <unordered_map>
#include <unordered_set>

#include "base/ascii_case.h"  // lower_case
#include "base/check.h"       // InputError
#include "base/digest.h"
#include "data/clean_text.h"
#include "data/source_row.h"
#include "data/table_rows.h"  // for_each_table_row

namespace lmc::data {

namespace {

constexpr std::array<const char*, 4> kChoices = {"Choice A", "Choice B", "Choice C", "Choice D"};

// Where the columns stand in this file.
struct Columns {
  bool is_v2 = false;
  size_t count = 0;
  size_t figure = 0;
  size_t question = 0;
  size_t answer = 0;  // version 1: the gold option's text
  size_t letter = 0;  // the gold letter
  std::array<size_t, kChoices.size()> choices{};
  size_t index = 0;  // version 2 only, as the next ones
  size_t caption = 0;
  size_t split = 0;
};

Columns columns_of(const std::vector<std::string>& header, const std::string& where) {
  std::unordered_map<std::string, size_t> places;
  for (size_t i = 0; i < header.size(); ++i) places[std::string(trim(header[i]))] = i;
  const auto place = [&](const char* name) {
    const auto found = places.find(name);
    if (found != places.end()) return found->second;
    throw InputError(where, cat("the header has no column \"", name, "\""),
                     "a PMC-VQA table has Figure_path, Question, Answer, Choice A to D, and either "
                     "Answer_label (version 1) or index, Caption and split (version 2)");
  };
  Columns columns;
  columns.is_v2 = !places.contains("Answer_label");
  columns.count = header.size();
  columns.figure = place("Figure_path");
  columns.question = place("Question");
  columns.answer = place("Answer");
  for (size_t i = 0; i < kChoices.size(); ++i) columns.choices[i] = place(kChoices[i]);
  columns.letter = place(columns.is_v2 ? "Answer" : "Answer_label");
  if (columns.is_v2) {
    columns.index = place("index");
    columns.caption = place("Caption");
    columns.split = place("split");
  }
  return columns;
}

std::string stem_of(const std::string& path) { return std::filesystem::path(path).stem().string(); }

// "PMC8253797_Fig4_11.jpg" -> "PMC8253797": all figures of an article, which share their text.
std::string group_of(const std::string& figure) {
  const std::string stem = stem_of(figure);
  if (!stem.starts_with("PMC")) return stem;
  const size_t end = stem.find_first_not_of("0123456789", 3);
  return end == 3 ? stem : stem.substr(0, end);
}

struct Problem {
  const char* reason;
  std::string detail;
};

// The four choices without their labels, which are all there and in order, or all absent.
std::optional<Problem> read_choices(const Columns& columns, const std::vector<std::string>& cells,
                                    std::map<char, std::string>& options) {
  int num_labelled = 0;
  std::array<LabelledText, 4> choices;
  for (size_t i = 0; i < choices.size(); ++i) {
    choices[i] = split_label(cells[columns.choices[i]]);
    if (choices[i].label) ++num_labelled;
  }
  if (num_labelled != 0 && num_labelled != 4) {
    return Problem{"some choices have a label and some have none", cat(num_labelled, " of 4 have")};
  }
  for (size_t i = 0; i < choices.size(); ++i) {
    const char letter = static_cast<char>('A' + i);
    if (choices[i].label && *choices[i].label != letter) {
      return Problem{"a choice has another's label",
                     cat(kChoices[i], " is labelled ", *choices[i].label)};
    }
    if (choices[i].text.empty()) return Problem{"a choice is empty", kChoices[i]};
    options[letter] = std::string(choices[i].text);
  }
  return std::nullopt;
}

size_t num_quotes(std::string_view text) {
  return static_cast<size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return c == '"' || c == '\''; }));
}

// What table readers take for an absent value unless told otherwise.
bool reads_as_absent(const std::string& option) {
  const std::string text = lower_case(option);
  return text == "none" || text == "n/a" || text == "na" || text == "nan" || text == "null";
}

class PmcVqaReader {
 public:
  PmcVqaReader(const std::string& path, Columns columns)
      : columns_(std::move(columns)),
        file_name_(std::filesystem::path(path).filename().string()),
        file_stem_(stem_of(path)),
        file_split_(split_of_file(path)) {}

  void read(const std::vector<std::string>& cells, SourceRow& row) {
    std::optional<Problem> problem = read_row(cells, row.question);
    if (!problem && !ids_.insert(digest_of(row.question.id)).second) {
      problem = Problem{kRepeatedId, row.question.id};
    }
    if (problem) {
      row.reject(problem->reason, std::move(problem->detail));
    } else {
      note_oddities(cells, row);
    }
  }

  RowLikeness likeness(const std::vector<std::string>& cells) const {
    record::Question question;
    if (read_row(cells, question)) return RowLikeness::kNoRow;
    return likeness_by_image(cells[columns_.figure], names_file(question.image));
  }

 private:
  std::optional<Problem> read_row(const std::vector<std::string>& cells,
                                  record::Question& out) const {
    if (cells.size() != columns_.count) {
      return Problem{"the row has another number of cells than the header",
                     cat("expected ", columns_.count, ", found ", cells.size())};
    }
    out.image = std::string(trim(cells[columns_.figure]));
    if (out.image.empty()) return Problem{"the row names no figure", ""};
    out.question = std::string(clean(cells[columns_.question]));
    if (out.question.empty()) return Problem{"the question is empty", ""};
    if (auto problem = read_choices(columns_, cells, out.options)) return problem;
    const std::string& gold = cells[columns_.letter];
    const std::string_view letter = clean(gold);
    if (letter.size() != 1 || !out.options.contains(letter[0])) {
      return Problem{kBadGold, gold.substr(0, 80)};
    }
    out.answer = letter[0];
    add_identity(cells, out);
    return std::nullopt;
  }

  void add_identity(const std::vector<std::string>& cells, record::Question& out) const {
    out.group = group_of(out.image);
    if (columns_.is_v2) {
      out.id = "pmc-vqa-2/" + std::string(trim(cells[columns_.index]));
      out.source = "pmc-vqa-2:" + file_name_;
      out.split = std::string(trim(cells[columns_.split]));
      out.caption = std::string(trim(cells[columns_.caption]));
    } else {
      out.id = "pmc-vqa-1/" + file_stem_ + "/" + stem_of(out.image) + "/" + short_hash(cells);
      out.source = "pmc-vqa-1:" + file_name_;
      out.split = file_split_;  // told by the file's name only
    }
  }

  void note_oddities(const std::vector<std::string>& cells, SourceRow& row) const {
    const record::Question& question = row.question;
    const std::string gold_text = lower_case(question.options.at(question.answer));
    if (!columns_.is_v2 && lower_case(clean(cells[columns_.answer])) != gold_text) {
      row.notes.push_back("the answer's text is not that of the gold option (the letter counts)");
    }
    const auto same_text = [&](const auto& option) {
      return option.first != question.answer && lower_case(option.second) == gold_text;
    };
    if (std::any_of(question.options.begin(), question.options.end(), same_text)) {
      row.notes.push_back(kSameText);
    }
    if (lost_quotes(cells, question)) {
      row.notes.push_back("quotes left over around a text were taken off");
    }
    if (std::any_of(question.options.begin(), question.options.end(),
                    [](const auto& option) { return reads_as_absent(option.second); })) {
      row.notes.push_back("an option reads None or N/A (it is a text like others)");
    }
  }

  bool lost_quotes(const std::vector<std::string>& cells, const record::Question& question) const {
    if (num_quotes(cells[columns_.question]) > num_quotes(question.question)) return true;
    for (size_t i = 0; i < columns_.choices.size(); ++i) {
      const std::string& option = question.options.at(static_cast<char>('A' + i));
      if (num_quotes(cells[columns_.choices[i]]) > num_quotes(option)) return true;
    }
    return false;
  }

  Columns columns_;
  std::string file_name_;
  std::string file_stem_;
  std::string file_split_;
  std::unordered_set<Digest> ids_;
};

}  // namespace

void for_each_pmc_vqa(const std::string& path, const VisitRow& visit) {
  const auto reader_of = [&](const std::vector<std::string>& header, const std::string& where) {
    return PmcVqaReader(path, columns_of(header, where));
  };
  for_each_table_row(path, reader_of, visit);
}

}  // namespace lmc::data
