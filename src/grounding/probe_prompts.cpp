#include "grounding/probe_prompts.h"

#include <map>
#include <string>
#include <utility>

#include "base/check.h"                 // InputError
#include "base/parallel.h"              // parallel_for
#include "data/read_image.h"            // read_image
#include "grounding/asked_question.h"   // question_as_asked, image_as_asked
#include "grounding/image_condition.h"  // at_model_size
#include "record/missing_images.h"      // check_images_are_there
#include "record/run_lines.h"           // line_name

namespace lmc::grounding {

namespace {

struct OwnImage {
  image::Image image;
  std::string problem;
  bool is_of_dicom = false;
  bool has_burned_in_text = false;
  std::string window;
  int64_t frame = 0;
};

// Those that some asks need, each read once, by the place of their question.
std::map<size_t, OwnImage> read_images(std::span<const record::Question> questions,
                                       std::span<const Ask> asks,
                                       const image::PreprocessOptions& options) {
  std::map<size_t, OwnImage> images;
  for (const Ask& ask : asks) {
    images[ask.question];
    images[ask.image];
  }
  std::vector<std::pair<const size_t, OwnImage>*> places;
  for (auto& entry : images) places.push_back(&entry);
  parallel_for(places.size(), [&](size_t i) {
    auto& [place, own] = *places[i];
    const record::Question& question = questions[place];
    try {
      const image::Decoded decoded = data::read_decoded_image(question);
      own.is_of_dicom = decoded.dicom.has_value();
      if (decoded.dicom) {
        own.has_burned_in_text = decoded.dicom->says_burned_in;
        own.window = decoded.dicom->window;
        own.frame = decoded.dicom->frame;
      }
      own.image = at_model_size(decoded.image, options, question.image);
    } catch (const InputError& error) {
      record::check_images_are_there(questions, place);
      own.problem = error.what();
    }
  });
  return images;
}

}  // namespace

ProbePrompts::ProbePrompts(std::span<const record::Question> questions, std::span<const Ask> asks,
                           uint64_t seed, const std::function<void(record::ProbeAnswer)>& on_answer)
    : questions_(questions), asks_(asks), seed_(seed), on_answer_(on_answer), shown_(asks.size()) {}

record::Question ProbePrompts::shown(size_t prompt) const {
  const Ask& ask = asks_[prompt];
  record::Question shown = question_as_asked(question(prompt), ask);
  shown.id = record::line_name(question(prompt).id, condition_name(ask.condition), ask.variant);
  shown.caption = caption_as_asked(question(prompt), ask);
  if (ask.condition == Condition::kAbsent) shown.image.clear();
  return shown;
}

// A question without a readable image is left out everywhere, so that all conditions have the
// same questions.
std::vector<eval::ShownImage> ProbePrompts::images(size_t begin, size_t end,
                                                   const image::PreprocessOptions& options) {
  const std::map<size_t, OwnImage> own =
      read_images(questions_, asks_.subspan(begin, end - begin), options);
  std::vector<eval::ShownImage> shown(end - begin);
  parallel_for(shown.size(), [&](size_t i) {
    const Ask& ask = asks_[begin + i];
    const OwnImage& image = own.at(ask.question);
    const OwnImage& donor_image = own.at(ask.image);
    shown[i].problem = image.problem.empty() ? donor_image.problem : image.problem;
    shown[i].is_of_dicom = image.is_of_dicom || donor_image.is_of_dicom;
    shown[i].has_burned_in_text = image.has_burned_in_text || donor_image.has_burned_in_text;
    if (shows_a_file(ask.condition)) shown_[begin + i] = {donor_image.window, donor_image.frame};
    if (!shown[i].problem.empty() || ask.condition == Condition::kAbsent) return;
    shown[i].image =
        image_as_asked(image.image, donor_image.image, ask, question(begin + i).id, seed_, options);
  });
  return shown;
}

void ProbePrompts::take(size_t prompt, record::Answer answer) {
  record::ProbeAnswer probe = unanswered(questions_, asks_[prompt]);
  answer.question_id = std::move(probe.answer.question_id);
  answer.gold = std::move(probe.answer.gold);
  answer.image_group = std::move(probe.answer.image_group);
  answer.image_window = shown_[prompt].window;
  answer.image_frame = shown_[prompt].frame;
  probe.answer = std::move(answer);
  if (probe.answer.error.empty()) {
    translate_letters(question(prompt), asks_[prompt], probe.answer);
  }
  on_answer_(std::move(probe));
}

}  // namespace lmc::grounding
