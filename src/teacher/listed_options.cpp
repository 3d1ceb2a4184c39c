#include "teacher/listed_options.h"

#include <algorithm>
#include <set>
#include <string>

#include "reading/option_texts.h"  // OptionTexts
#include "reading/plain_words.h"

namespace lmc::teacher {

namespace {

// A single capital letter with . : or ) right behind it.
bool is_label(std::string_view text, const reading::PlainWord& word) {
  return word.end - word.begin == 1 && text[word.begin] >= 'A' && text[word.begin] <= 'Z' &&
         word.end < text.size() &&
         std::string_view(".:)").find(text[word.end]) != std::string_view::npos;
}

// The words that are labels A, B, ... of one list that begins at word `first`. A label needs a text
// of its own, so that "D. E. coli" ends the list.
std::vector<size_t> labels_from(std::string_view text, const std::vector<reading::PlainWord>& words,
                                size_t first) {
  std::vector<size_t> labels = {first};
  for (size_t i = first + 2; i < words.size(); ++i) {
    const char next = static_cast<char>('A' + labels.size());
    if (is_label(text, words[i]) && text[words[i].begin] == next && labels.back() + 1 < i) {
      labels.push_back(i);
    }
  }
  return labels;
}

// The longest list; of equally long ones the last, as the question may speak of "vitamin A.".
std::vector<size_t> find_labels(std::string_view text,
                                const std::vector<reading::PlainWord>& words) {
  std::vector<size_t> best;
  for (size_t i = 0; i < words.size(); ++i) {
    if (!is_label(text, words[i]) || text[words[i].begin] != 'A') continue;
    std::vector<size_t> labels = labels_from(text, words, i);
    if (labels.size() >= best.size()) best = std::move(labels);
  }
  return best;
}

}  // namespace

ListedOptions::ListedOptions(std::string_view prompt) {
  const std::vector<reading::PlainWord> words = reading::plain_words(prompt);
  const std::vector<size_t> labels = find_labels(prompt, words);
  // A sign may stand before the first word, and after the last: all up to the next label counts.
  const auto written = [&](size_t label, size_t end) {
    const size_t from = words[label].end + 1;
    size_t to = prompt.size();
    if (end < words.size()) {
      to = words[end].begin;
      const bool bracket = to > from && prompt[to - 1] == '(';
      if (bracket) --to;
    }
    const size_t line = prompt.find('\n', words[end - 1].end);
    return std::string(prompt.substr(from, std::min(line, to) - from));
  };
  const auto text_of = [&](size_t label, size_t end) {
    const size_t begin = label + 1;
    return Text{reading::words_hash(std::span(words).subspan(begin, end - begin)),
                written(label, end)};
  };
  for (size_t k = 0; k < labels.size(); ++k) {
    std::vector<Text>& texts = texts_of_[static_cast<char>('A' + k)];
    const size_t begin = labels[k] + 1;
    if (k + 1 < labels.size()) {
      texts.push_back(text_of(labels[k], labels[k + 1]));
      continue;
    }
    for (size_t end = begin + 1; end <= words.size(); ++end) {
      if (!words[end - 1].ends) continue;
      texts.push_back(text_of(labels[k], end));
      const size_t next = end < words.size() ? words[end].begin : prompt.size();
      const std::string_view gap = prompt.substr(words[end - 1].end, next - words[end - 1].end);
      if (gap.find('\n') != gap.npos) break;
    }
  }
}

bool ListedOptions::has(uint64_t text_hash) const {
  return std::any_of(texts_of_.begin(), texts_of_.end(), [&](const auto& option) {
    return std::any_of(option.second.begin(), option.second.end(),
                       [&](const Text& text) { return text.hash == text_hash; });
  });
}

std::optional<std::map<char, char>> ListedOptions::letters_of(
    const std::map<char, std::string>& ours) const {
  const reading::OptionTexts names(ours);
  std::map<char, char> letters;
  std::set<char> taken;
  for (const auto& [letter, text] : ours) {
    const uint64_t hash = reading::words_hash(text);
    std::vector<char> found, named;
    for (const auto& [label, texts] : texts_of_) {
      const auto same = std::find_if(texts.begin(), texts.end(),
                                     [&](const Text& one) { return one.hash == hash; });
      if (same == texts.end()) continue;
      found.push_back(label);
      if (names.named_by(same->written) == letter) named.push_back(label);
    }
    // Of two options with the same words and signs, the order tells which is which only if it is
    // ours.
    if (named.size() == 1) found = named;
    const bool same_letter = std::find(found.begin(), found.end(), letter) != found.end();
    if (found.empty() || (found.size() > 1 && !same_letter)) return std::nullopt;
    letters[letter] = same_letter ? letter : found[0];
    if (!taken.insert(letters[letter]).second) return std::nullopt;
  }
  return letters;
}

}  // namespace lmc::teacher
