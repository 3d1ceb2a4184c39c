// A guesser that sees the words of a question and its options but never the image.
//
// Naive Bayes over each option: is it the right one, given its letter, its words, the words before
// it in the question, and pairs of its words with the question's? It measures what the words alone
// give away; in a sound data set that is nothing beyond the prior of the letters.
#pragma once

#include <string>
#include <unordered_map>
#include <vector>

#include "phantom/question.h"  // Question

namespace lmc::phantom {

class TextGuesser {
 public:
  void learn(const Question& question);
  char guess(const Question& question) const;

 private:
  struct Counts {
    double right = 0;
    double wrong = 0;
  };
  std::unordered_map<std::string, Counts> counts_;
  double num_right_ = 0;
  double num_wrong_ = 0;
};

}  // namespace lmc::phantom
