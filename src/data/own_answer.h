// Options and gold answers of people's own tables, in the ways they are written. What can be read
// in two ways is not read.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace lmc::data {

using Options = std::map<char, std::string>;

// Takes each option's own letter off ("A: Liver", "(A) Liver", "a) Liver", "A、Liver"), when every
// option begins with its own. Not from two names in Latin, "A. baumannii" and "B. fragilis".
// Returns whether it did.
bool strip_own_letters(Options& options);

// Of options that kept their texts: one that begins with the letter of an option. A letter as gold
// may then mean either. 0: there is none, or all are names in Latin ("E. coli", "C. albicans").
char other_letter(const Options& options);

struct OwnAnswer {
  char letter = 0;                // 0: none
  const char* problem = nullptr;  // why not; a fixed sentence
};

// The option that a text means: its letter ("B", "b", "B.", "(B)", "option B"), its letter and its
// text ("B: Spleen"), or its text alone, where no other option has it (case does not matter, and
// 4.0 is 4). A plain capital letter is the letter, whatever the options say; but see OwnAnswers.
OwnAnswer read_own_answer(std::string_view text, const Options& options);

// "2" and "2.0": the number that stands for an option, if the text is one.
std::optional<int64_t> answer_number(std::string_view text);

// Where answers are numbers: which number the first option has. It is told by the file alone: a 0
// says that counting begins there, a number as large as that of the options that it begins at 1.
class AnswerNumbers {
 public:
  void add(int64_t number, size_t num_options);

  // `is_index`: the column's name says that it holds an index; it then begins at 0 where the file
  // does not say otherwise.
  OwnAnswer read(int64_t number, const Options& options, bool is_index) const;

 private:
  bool has_zero_ = false;
  bool has_last_ = false;
};

// What a row says of its answer; empty: nothing.
struct OwnGold {
  std::string answer;            // a letter, a text, or a number
  std::string index;             // of the column answer_idx: a number or a letter
  bool has_two_indices = false;  // answer_idx and answer_index, which differ

  void add_index(const std::string& text);
  const std::string& text() const { return index.empty() ? answer : index; }
};

// The answers of one file. It tells what a row alone does not: what numbers count from; that
// numbers in the column `answer` are counts, where other rows have letters or texts there; that a
// letter may be the text of another option, where other rows write the text.
class OwnAnswers {
 public:
  // `collect` shows every row of the file to add(). It is called once, when a row needs it.
  explicit OwnAnswers(std::function<void(OwnAnswers&)> collect) : collect_(std::move(collect)) {}

  void add(const OwnGold& gold, const Options& options);
  OwnAnswer read(const OwnGold& gold, const Options& options);

 private:
  OwnAnswer read_one(const std::string& text, const Options& options, bool is_index);
  void see_file();

  std::function<void(OwnAnswers&)> collect_;  // null: has been called
  AnswerNumbers index_;
  AnswerNumbers answer_;
  bool has_words_ = false;  // letters or texts in the column `answer`
  bool has_texts_ = false;  // texts that are no letter
};

// Whether another option says the same as the one of this letter; case does not matter, nor does
// ".0" behind a whole number.
bool has_twin(const Options& options, char letter);

inline constexpr char kTwoReadings[] = "the gold answer can be read in two ways";
inline constexpr char kSeveralAnswers[] = "the gold answer names several options";
inline constexpr char kOtherText[] = "the gold answer's letter and text are of two options";
inline constexpr char kOtherLetters[] = "options carry other letters than their places";
inline constexpr char kWhichNumber[] =
    "the gold answer is a number (write the letter, or name the column answer_idx: from 0)";

}  // namespace lmc::data
