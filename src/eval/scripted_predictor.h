// For tests: a function of what is shown in place of a model.
#pragma once

#include <functional>
#include <utility>
#include <vector>

#include "eval/predictor.h"  // Predictor

namespace lmc::eval {

class ScriptedPredictor : public Predictor {
 public:
  using Script = std::function<record::Answer(const record::Question& shown)>;

  explicit ScriptedPredictor(Script script) : script_(std::move(script)) {}

  void answer(PromptList& prompts, size_t begin) override {
    for (size_t i = begin; i < prompts.size(); ++i) {
      asked_.push_back(prompts.shown(i));
      prompts.take(i, script_(asked_.back()));
    }
  }

  const std::vector<record::Question>& asked() const { return asked_; }

 private:
  Script script_;
  std::vector<record::Question> asked_;
};

}  // namespace lmc::eval
