// What a sample's tokens weigh in the loss, and what the teacher would have written in their place.
//
// Places are found by bytes: the tokens of the reply, one after the other, spell its text, so a
// token belongs to the answer line if it holds one of its bytes, and it has the teacher's choices
// if it begins and ends where a token of the teacher's does.
// Source: Hsieh et al., "Distilling step-by-step", ACL Findings 2023 (weights); Hinton et al., 2015
// (the teacher's choices).
// Threads: apply() from several at once.
#pragma once

#include <string>
#include <unordered_map>

#include "text/tokenizer.h"        // Tokenizer
#include "train/samples.h"         // Sample
#include "train/train_options.h"   // TrainOptions
#include "train/training_input.h"  // TrainingInput

namespace lmc::train {

class Objective {
 public:
  Objective(const TrainOptions& options, const text::Tokenizer& tokenizer);

  // Fills weights and teacher of an input whose tokens are set.
  void apply(const Sample& sample, TrainingInput& input) const;

 private:
  TeacherChoices choices_of(const record::TokenLogProb& token, size_t place) const;

  double reasoning_weight_, answer_weight_;
  const text::Tokenizer& tokenizer_;
  std::unordered_map<std::string, int32_t> id_of_bytes_;  // filled when the teacher has a share
};

}  // namespace lmc::train
