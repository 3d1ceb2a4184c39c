// The prompts of an evaluation: every question with its own image, without its caption.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "eval/predictor.h"  // PromptList

namespace lmc::eval {

class EvaluationPrompts : public PromptList {
 public:
  // `indices` are the questions' places among those of all shards. All must outlive the list.
  EvaluationPrompts(std::span<const record::Question> questions, std::span<const uint64_t> indices,
                    const std::function<void(record::Answer)>& on_answer);

  size_t size() const override { return questions_.size(); }
  record::Question shown(size_t prompt) const override;
  uint64_t stream(size_t prompt) const override { return indices_[prompt]; }
  std::vector<ShownImage> images(size_t begin, size_t end,
                                 const image::PreprocessOptions& options) override;
  bool shows_files() const override { return true; }
  void take(size_t prompt, record::Answer answer) override;

 private:
  struct FileFacts {
    bool is_read = false;
    std::array<int64_t, 2> hw_px{};
    std::string window;  // of a DICOM file, see record::Answer
    int64_t frame = 0;
    std::string problem;
  };

  image::Image read(size_t prompt);

  std::span<const record::Question> questions_;
  std::span<const uint64_t> indices_;
  const std::function<void(record::Answer)>& on_answer_;
  std::vector<FileFacts> files_;
};

}  // namespace lmc::eval
