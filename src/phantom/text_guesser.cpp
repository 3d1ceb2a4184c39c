#include "phantom/text_guesser.h"

#include <algorithm>
#include <cctype>
#include <cmath>
#include <set>

#include "base/check.h"  // cat

namespace lmc::phantom {

namespace {

std::vector<std::string> words_of(const std::string& text) {
  std::vector<std::string> words(1);
  for (const char c : text) {
    if (std::isalnum(static_cast<unsigned char>(c))) {
      words.back() += c;
      continue;
    }
    if (!words.back().empty()) words.emplace_back();
    if (std::ispunct(static_cast<unsigned char>(c))) {
      words.back() = c;
      words.emplace_back();
    }
  }
  if (words.back().empty()) words.pop_back();
  return words;
}

// Each feature once: naive Bayes counts presence.
std::set<std::string> features_of(const Question& question, size_t option_index) {
  const std::vector<std::string> asked = words_of(question.text);
  const std::vector<std::string> option = words_of(question.options[option_index]);
  std::set<std::string> features = {cat("letter ", option_index),
                                    cat("kind letter ", question.kind, " ", option_index),
                                    cat("option ", question.options[option_index])};
  for (const std::string& word : option) features.insert("word " + word);
  for (size_t i = 0; i < asked.size(); ++i) {
    for (const std::string& word : option) features.insert(cat("pair ", asked[i], " ", word));
    if (asked[i] != option.front()) continue;
    std::string before;
    for (size_t back = 1; back <= 4 && back <= i; ++back) {
      before = cat(asked[i - back], " ", before);
      features.insert("before " + before);
    }
    features.insert(cat("place ", i));
  }
  return features;
}

}  // namespace

void TextGuesser::learn(const Question& question) {
  for (size_t i = 0; i < kNumOptions; ++i) {
    const bool right = question.answer == static_cast<char>('A' + i);
    (right ? num_right_ : num_wrong_) += 1;
    for (const std::string& feature : features_of(question, i)) {
      Counts& counts = counts_[feature];
      (right ? counts.right : counts.wrong) += 1;
    }
  }
}

char TextGuesser::guess(const Question& question) const {
  size_t best = 0;
  double best_score = 0;
  for (size_t i = 0; i < kNumOptions; ++i) {
    double score = 0;
    for (const std::string& feature : features_of(question, i)) {
      const auto it = counts_.find(feature);
      if (it == counts_.end()) continue;
      score += std::log((it->second.right + 1) / (num_right_ + 2)) -
               std::log((it->second.wrong + 1) / (num_wrong_ + 2));
    }
    if (i == 0 || score > best_score) {
      best = i;
      best_score = score;
    }
  }
  return static_cast<char>('A' + best);
}

}  // namespace lmc::phantom
