#include "teacher/question_index.h"

#include <algorithm>
#include <filesystem>
#include <unordered_set>
#include <utility>

#include "base/check.h"  // InputError, cat
#include "reading/plain_words.h"

namespace lmc::teacher {

namespace {

// Of the file's name without folder and ending, in small letters.
uint64_t image_hash(const std::string& path) {
  return reading::words_hash(std::filesystem::path(path).stem().string());
}

// "<image>" is a place for an image, not a word of the question.
std::string without_image_places(const std::string& prompt) {
  constexpr std::string_view kPlace = "<image>";
  std::string text = prompt;
  for (size_t at = text.find(kPlace); at != text.npos; at = text.find(kPlace, at)) {
    text.replace(at, kPlace.size(), 1, '\n');
  }
  return text;
}

// "q7#2": the second explanation of q7.
std::string without_number(const std::string& id) {
  const size_t mark = id.rfind('#');
  if (mark == id.npos || mark + 1 == id.size()) return id;
  return id.find_first_not_of("0123456789", mark + 1) == id.npos ? id.substr(0, mark) : id;
}

}  // namespace

QuestionIndex::QuestionIndex(const std::string& questions, bool by_image)
    : by_image_(by_image), reader_(questions) {
  record::for_each_record_at(
      questions, record::LastLine::kIsWhole,
      [&](const Json& json, const std::string& where, uint64_t offset) {
        const record::Question question = record::question_from_json(json, where);
        const size_t place = entries_.size();
        if (!place_of_id_.emplace(digest_of(question.id), place).second) {
          throw InputError(where, cat("the id \"", question.id, "\" occurs twice"));
        }
        Entry& entry = entries_.emplace_back();
        entry.offset = offset;
        entry.image = image_hash(question.image);
        for (const auto& [letter, text] : question.options) {
          entry.options.push_back(reading::words_hash(text));
        }
        const std::vector<reading::PlainWord> words = reading::plain_words(question.question);
        if (words.empty()) return;
        places_of_text_[reading::words_hash(words)].push_back(place);
        most_words_ = std::max(most_words_, words.size());
      });
}

std::vector<QuestionIndex::Candidate> QuestionIndex::asked_in(std::string_view prompt) const {
  const std::vector<reading::PlainWord> words = reading::plain_words(prompt);
  std::vector<Candidate> candidates;
  std::unordered_set<uint64_t> seen;  // a text may stand in the prompt twice
  for (size_t begin = 0; begin < words.size(); ++begin) {
    if (!words[begin].starts) continue;
    uint64_t hash = reading::kNoWords;
    for (size_t end = begin; end < words.size() && end - begin < most_words_; ++end) {
      hash = reading::words_hash(std::span(&words[end], 1), hash);
      if (!words[end].ends) continue;
      const auto found = places_of_text_.find(hash);
      if (found == places_of_text_.end() || !seen.insert(hash).second) continue;
      for (const size_t place : found->second) candidates.push_back({place, end + 1 - begin});
    }
  }
  return candidates;
}

QuestionIndex::Match QuestionIndex::find(const ForeignAnswer& answer,
                                         const ListedOptions& listed) const {
  std::vector<Candidate> left = asked_in(without_image_places(answer.prompt));
  if (left.empty()) return {0, "no such question"};

  for (const std::string& id : {answer.id, without_number(answer.id)}) {
    const auto known = place_of_id_.find(digest_of(id));
    if (known == place_of_id_.end()) continue;
    for (const Candidate& one : left) {
      if (one.place == known->second) return {one.place, {}};
    }
  }
  if (by_image_ && !answer.images.empty()) {
    std::vector<uint64_t> images;
    for (const std::string& name : answer.images) images.push_back(image_hash(name));
    std::erase_if(left, [&](const Candidate& one) {
      const uint64_t image = entries_[one.place].image;
      return std::find(images.begin(), images.end(), image) == images.end();
    });
    if (left.empty()) return {0, "another picture"};
  }
  if (listed.any()) {
    std::erase_if(left, [&](const Candidate& one) {
      const std::vector<uint64_t>& options = entries_[one.place].options;
      return !std::all_of(options.begin(), options.end(),
                          [&](uint64_t option) { return listed.has(option); });
    });
    if (left.empty()) return {0, "other options"};
  }
  // A long text that stands in the prompt may hold a shorter one.
  size_t longest = 0;
  for (const Candidate& one : left) longest = std::max(longest, one.words);
  std::erase_if(left, [&](const Candidate& one) { return one.words < longest; });
  if (left.size() > 1) return {0, "ambiguous"};
  return {left.front().place, {}};
}

record::Question QuestionIndex::question(size_t place) {
  const uint64_t offset = entries_.at(place).offset;
  return record::question_from_json(reader_.record_at(offset), cat("question at byte ", offset));
}

}  // namespace lmc::teacher
