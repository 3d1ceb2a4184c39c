#include "grounding/probe_prompts.h"

#include <map>
#include <string>
#include <utility>

#include "base/check.h"                   // InputError
#include "base/parallel.h"                // parallel_for
#include "data/picture.h"                 // read_picture
#include "grounding/asked_question.h"     // question_as_asked, picture_as_asked
#include "grounding/picture_condition.h"  // at_model_size
#include "record/run_lines.h"             // line_name

namespace lmc::grounding {

namespace {

struct OwnPicture {
  image::Image image;
  std::string problem;
};

// Those that some asks need, each read once, by the place of their question.
std::map<size_t, OwnPicture> read_pictures(std::span<const record::Question> questions,
                                           std::span<const Ask> asks,
                                           const image::PreprocessOptions& options) {
  std::map<size_t, OwnPicture> pictures;
  for (const Ask& ask : asks) {
    pictures[ask.question];
    pictures[ask.picture];
  }
  std::vector<std::pair<const size_t, OwnPicture>*> places;
  for (auto& entry : pictures) places.push_back(&entry);
  parallel_for(places.size(), [&](size_t i) {
    auto& [place, own] = *places[i];
    const record::Question& question = questions[place];
    try {
      own.image = at_model_size(data::read_picture(question), options, question.image);
    } catch (const InputError& error) {
      own.problem = error.what();
    }
  });
  return pictures;
}

}  // namespace

ProbePrompts::ProbePrompts(std::span<const record::Question> questions, std::span<const Ask> asks,
                           uint64_t seed, const std::function<void(record::ProbeAnswer)>& on_answer)
    : questions_(questions), asks_(asks), seed_(seed), on_answer_(on_answer) {}

record::Question ProbePrompts::shown(size_t prompt) const {
  const Ask& ask = asks_[prompt];
  record::Question shown = question_as_asked(question(prompt), ask);
  shown.id = record::line_name(question(prompt).id, condition_name(ask.condition), ask.variant);
  shown.caption = caption_as_asked(question(prompt), ask);
  if (ask.condition == Condition::kAbsent) shown.image.clear();
  return shown;
}

// A question without a readable picture is left out everywhere, so that all conditions have the
// same questions.
std::vector<eval::ShownPicture> ProbePrompts::pictures(size_t begin, size_t end,
                                                       const image::PreprocessOptions& options) {
  const std::map<size_t, OwnPicture> own =
      read_pictures(questions_, asks_.subspan(begin, end - begin), options);
  std::vector<eval::ShownPicture> shown(end - begin);
  parallel_for(shown.size(), [&](size_t i) {
    const Ask& ask = asks_[begin + i];
    const OwnPicture& picture = own.at(ask.question);
    const OwnPicture& lent = own.at(ask.picture);
    shown[i].problem = picture.problem.empty() ? lent.problem : picture.problem;
    if (!shown[i].problem.empty() || ask.condition == Condition::kAbsent) return;
    shown[i].image =
        picture_as_asked(picture.image, lent.image, ask, question(begin + i).id, seed_, options);
  });
  return shown;
}

void ProbePrompts::take(size_t prompt, record::Answer answer) {
  record::ProbeAnswer probe = unanswered(questions_, asks_[prompt]);
  answer.question_id = std::move(probe.answer.question_id);
  answer.gold = std::move(probe.answer.gold);
  answer.figure = std::move(probe.answer.figure);
  probe.answer = std::move(answer);
  if (probe.answer.error.empty()) {
    translate_letters(question(prompt), asks_[prompt], probe.answer);
  }
  on_answer_(std::move(probe));
}

}  // namespace lmc::grounding
