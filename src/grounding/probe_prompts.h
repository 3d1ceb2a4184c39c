// The prompts of a grounding run: questions under its conditions.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "eval/predictor.h"       // PromptList
#include "grounding/condition.h"  // Ask
#include "record/probe.h"         // ProbeAnswer

namespace lmc::grounding {

class ProbePrompts : public eval::PromptList {
 public:
  // All must outlive the list. `seed` decides what conditions draw.
  ProbePrompts(std::span<const record::Question> questions, std::span<const Ask> asks,
               uint64_t seed, const std::function<void(record::ProbeAnswer)>& on_answer);

  size_t size() const override { return asks_.size(); }
  record::Question shown(size_t prompt) const override;
  uint64_t stream(size_t prompt) const override { return prompt; }
  std::vector<eval::ShownImage> images(size_t begin, size_t end,
                                       const image::PreprocessOptions& options) override;
  bool shows_files() const override { return false; }
  void take(size_t prompt, record::Answer answer) override;

 private:
  // How the grey of a DICOM image was shown, see record::Answer.
  struct Shown {
    std::string window;
    int64_t frame = 0;
  };

  const record::Question& question(size_t prompt) const {
    return questions_[asks_[prompt].question];
  }

  std::span<const record::Question> questions_;
  std::span<const Ask> asks_;
  uint64_t seed_;
  const std::function<void(record::ProbeAnswer)>& on_answer_;
  std::vector<Shown> shown_;  // of each ask
};

}  // namespace lmc::grounding
