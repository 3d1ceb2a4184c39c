#include "eval/evaluation_prompts.h"

#include <algorithm>
#include <utility>

#include "base/check.h"               // InputError
#include "base/parallel.h"            // parallel_for
#include "data/read_image.h"          // read_decoded_image
#include "record/missing_images.h"    // check_images_are_there
#include "stats/cluster_bootstrap.h"  // record::image_group_of

namespace lmc::eval {

EvaluationPrompts::EvaluationPrompts(std::span<const record::Question> questions,
                                     std::span<const uint64_t> indices,
                                     const std::function<void(record::Answer)>& on_answer)
    : questions_(questions), indices_(indices), on_answer_(on_answer), files_(questions.size()) {}

record::Question EvaluationPrompts::shown(size_t prompt) const {
  record::Question shown = questions_[prompt];
  shown.caption.clear();
  return shown;
}

// Notes what there is to know of the file; empty when it cannot be read.
image::Image EvaluationPrompts::read(size_t prompt) {
  FileFacts& file = files_[prompt];
  file.is_read = true;
  try {
    image::Decoded decoded = data::read_decoded_image(questions_[prompt]);
    file.hw_px = {decoded.image.height_px, decoded.image.width_px};
    if (decoded.dicom) {
      file.window = decoded.dicom->window;
      file.frame = decoded.dicom->frame;
    }
    return std::move(decoded.image);
  } catch (const InputError& error) {
    record::check_images_are_there(questions_, prompt);
    file.problem = error.what();
    return {};
  }
}

std::vector<ShownImage> EvaluationPrompts::images(size_t begin, size_t end,
                                                  const image::PreprocessOptions&) {
  std::vector<ShownImage> images(end - begin);
  parallel_for(images.size(), [&](size_t i) {
    images[i].image = read(begin + i);
    images[i].problem = files_[begin + i].problem;
  });
  return images;
}

void EvaluationPrompts::take(size_t prompt, record::Answer answer) {
  if (!files_[prompt].is_read) {  // the model was sent the file; those that follow were so too
    constexpr size_t kAhead = 64;
    const size_t count = std::min(kAhead, size() - prompt);
    parallel_for(count, [&](size_t i) {
      if (!files_[prompt + i].is_read) read(prompt + i);
    });
  }
  const record::Question& question = questions_[prompt];
  const FileFacts& file = files_[prompt];
  answer.question_id = question.id;
  answer.gold = question.answer;
  answer.image_group = record::image_group_of(question);
  answer.image_hw_px = file.hw_px;
  answer.image_window = file.window;
  answer.image_frame = file.frame;
  if (!file.problem.empty()) answer.error = file.problem;
  on_answer_(std::move(answer));
}

}  // namespace lmc::eval
