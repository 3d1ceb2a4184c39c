// Own data as a table. Texts are taken as they stand: "None" and "N/A" are texts too.
#include <filesystem>
#include <map>
#include <optional>
#include <unordered_set>

#include "base/ascii_case.h"  // lower_case
#include "base/check.h"       // InputError
#include "base/digest.h"
#include "data/clean_text.h"
#include "data/own_answer.h"
#include "data/source_row.h"
#include "data/table_rows.h"  // for_each_table_row

namespace lmc::data {

namespace {

// "a", "option_a", "option a", "choice_a", "choice a" in lower case -> 'A'.
std::optional<char> option_letter(std::string_view name) {
  for (const std::string_view prefix : {"option_", "option ", "choice_", "choice "}) {
    if (name.starts_with(prefix)) {
      name.remove_prefix(prefix.size());
      break;
    }
  }
  if (name.size() != 1 || name[0] < 'a' || name[0] > 'z') return std::nullopt;
  return static_cast<char>(name[0] - 'a' + 'A');
}

bool is_absent(std::string_view cell) { return cell.empty() || is_written_nan(cell); }

struct Columns {
  size_t count = 0;
  std::map<std::string, size_t> place;  // of the named columns
  std::map<char, size_t> options;
  std::vector<std::string> indices;  // columns that say by their name that they hold the answer's

  std::string cell(const std::vector<std::string>& cells, const std::string& name) const {
    const auto found = place.find(name);
    const std::string_view text = found == place.end() ? "" : trim(cells[found->second]);
    return is_absent(text) ? "" : std::string(text);
  }
};

Columns columns_of(const std::vector<std::string>& header, const std::string& where) {
  Columns columns;
  columns.count = header.size();
  for (size_t i = 0; i < header.size(); ++i) {
    const std::string name = lower_case(trim(header[i]));
    const auto letter = option_letter(name);
    const bool is_new =
        letter ? columns.options.emplace(*letter, i).second : columns.place.emplace(name, i).second;
    if (!is_new && !name.empty()) {
      throw InputError(where, cat("the header names the column \"", name, "\" twice"));
    }
  }
  for (const char* name : {"answer_idx", "answer_index"}) {
    if (columns.place.contains(name)) columns.indices.emplace_back(name);
  }
  constexpr char kHint[] =
      "the table needs question, image, answer and two or more options: A, option_a or Choice A";
  for (const char* name : {"question", "image", "answer"}) {
    if (columns.place.contains(name)) continue;
    if (std::string_view(name) == "answer" && !columns.indices.empty()) continue;
    throw InputError(where, cat("the header has no column \"", name, "\""), kHint);
  }
  if (columns.options.size() < 2) {
    throw InputError(where, "the header names fewer than two options", kHint);
  }
  return columns;
}

struct Problem {
  const char* reason;
  std::string detail;
};

// What the row says, but for the answer. Nothing: it makes a question.
std::optional<Problem> read_texts(const Columns& columns, const std::vector<std::string>& cells,
                                  record::Question& out) {
  if (cells.size() != columns.count) {
    return Problem{"the row has another number of cells than the header",
                   cat("expected ", columns.count, ", found ", cells.size())};
  }
  out.question = columns.cell(cells, "question");
  if (out.question.empty()) return Problem{"the question is empty", ""};
  out.image = columns.cell(cells, "image");
  if (out.image.empty()) return Problem{"the row names no image", ""};
  for (const auto& [letter, place] : columns.options) {
    const std::string_view text = trim(cells[place]);
    if (!is_absent(text)) out.options[letter] = std::string(text);
  }
  if (out.options.size() < 2) {
    return Problem{"the row has fewer than two options", cat(out.options.size())};
  }
  return std::nullopt;
}

OwnGold gold_of(const Columns& columns, const std::vector<std::string>& cells) {
  OwnGold gold;
  gold.answer = columns.cell(cells, "answer");
  for (const std::string& index : columns.indices) gold.add_index(columns.cell(cells, index));
  return gold;
}

// Options and answer alone may be those of prose between separators as well.
bool has_gold(const Columns& columns, const std::vector<std::string>& cells,
              record::Question& question) {
  if (read_texts(columns, cells, question)) return false;
  strip_own_letters(question.options);
  const std::string gold = gold_of(columns, cells).text();
  return answer_number(gold) || read_own_answer(gold, question.options).letter != 0;
}

// Shows what rows say of their answers, and makes no question.
class AnswerCollector {
 public:
  AnswerCollector(const Columns& columns, OwnAnswers& answers)
      : columns_(columns), answers_(answers) {}

  void read(const std::vector<std::string>& cells, SourceRow& row) {
    if (read_texts(columns_, cells, row.question)) return;
    strip_own_letters(row.question.options);
    answers_.add(gold_of(columns_, cells), row.question.options);
  }
  RowLikeness likeness(const std::vector<std::string>& cells) const {
    record::Question question;
    if (!has_gold(columns_, cells, question)) return RowLikeness::kNoRow;
    return likeness_by_image(cells[columns_.place.at("image")], names_file(question.image));
  }

 private:
  const Columns& columns_;
  OwnAnswers& answers_;
};

class CsvSetReader {
 public:
  CsvSetReader(const std::string& path, Columns columns)
      : columns_(std::move(columns)),
        path_(path),
        file_name_(std::filesystem::path(path).filename().string()),
        file_stem_(std::filesystem::path(path).stem().string()) {}

  CsvSetReader(const CsvSetReader&) = delete;  // `answers_` knows where it stands
  CsvSetReader& operator=(const CsvSetReader&) = delete;

  void read(const std::vector<std::string>& cells, SourceRow& row) {
    record::Question& out = row.question;
    if (auto problem = read_texts(columns_, cells, out)) {
      return row.reject(problem->reason, std::move(problem->detail));
    }
    if (strip_own_letters(out.options)) {
      row.notes.push_back(kOwnLetters);
    } else if (const char other = other_letter(out.options)) {
      return row.reject(kOtherLetters, out.options.at(other).substr(0, 80));
    }
    const OwnGold gold = gold_of(columns_, cells);
    const OwnAnswer answer = answers_.read(gold, out.options);
    if (answer.letter == 0) return row.reject(answer.problem, gold.text().substr(0, 80));
    out.answer = answer.letter;
    if (has_twin(out.options, out.answer)) row.notes.push_back(kSameText);
    out.caption = columns_.cell(cells, "caption");
    out.split = columns_.cell(cells, "split");
    out.group = columns_.cell(cells, "group");
    out.modality = columns_.cell(cells, "modality");
    out.source = "csv:" + file_name_;
    out.id = columns_.cell(cells, "id");
    if (out.id.empty()) out.id = file_stem_ + "/" + short_hash(cells);
    if (!ids_.insert(digest_of(out.id)).second) return row.reject(kRepeatedId, out.id);
    (names_file(out.image) ? has_file_endings_ : has_plain_names_) = true;
  }

  // That the image is a file's name tells a row from prose between commas.
  RowLikeness likeness(const std::vector<std::string>& cells) const {
    record::Question question;
    if (!has_gold(columns_, cells, question)) return RowLikeness::kNoRow;
    const std::string& image = cells[columns_.place.at("image")];
    const bool is_name =
        names_file(question.image) || (image.find_first_of(" \t\n") == std::string::npos &&
                                       (has_plain_names_ || !has_file_endings_));
    return likeness_by_image(image, is_name);
  }

 private:
  // A second pass over the file.
  void collect(OwnAnswers& answers) const {
    const auto collector_of = [&](const std::vector<std::string>&, const std::string&) {
      return AnswerCollector(columns_, answers);
    };
    for_each_table_row(path_, collector_of, [](SourceRow&) {});
  }

  Columns columns_;
  std::string path_;
  std::string file_name_;
  std::string file_stem_;
  std::unordered_set<Digest> ids_;
  OwnAnswers answers_{[this](OwnAnswers& answers) { collect(answers); }};
  bool has_file_endings_ = false;  // of the images of rows read so far
  bool has_plain_names_ = false;
};

}  // namespace

void for_each_csv(const std::string& path, const VisitRow& visit) {
  const auto reader_of = [&](const std::vector<std::string>& header, const std::string& where) {
    return CsvSetReader(path, columns_of(header, where));
  };
  for_each_table_row(path, reader_of, visit);
}

}  // namespace lmc::data
