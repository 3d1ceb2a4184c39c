#include "grounding/asked_question.h"

#include <utility>

#include "base/check.h"                 // cat
#include "grounding/image_condition.h"  // flat_image, ...
#include "stats/cluster_bootstrap.h"    // image_group_of

namespace lmc::grounding {

namespace {

// A wave as long as a patch keeps three tenths of its height, one of two patches seven tenths.
double blur_sigma_px(const image::PreprocessOptions& options) {
  return static_cast<double>(options.patch_size_px) / 4;
}

}  // namespace

record::Question question_as_asked(const record::Question& question, const Ask& ask) {
  if (ask.condition == Condition::kRotation) return rotated(question, ask.variant);
  if (ask.condition == Condition::kOptionHidden) return with_option_hidden(question);
  return question;
}

std::string caption_as_asked(const record::Question& question, const Ask& ask) {
  return ask.condition == Condition::kCaption ? question.caption : "";
}

image::Image image_as_asked(const image::Image& own, const image::Image& donor_image,
                            const Ask& ask, const std::string& question_id, uint64_t seed,
                            const image::PreprocessOptions& options) {
  const image::SizePx size{own.height_px, own.width_px};
  Random random = Random::named(seed, cat(condition_name(ask.condition), " ", question_id));
  switch (ask.condition) {
    case Condition::kGrey:
      return flat_image(size, 128);
    case Condition::kBlack:
      return flat_image(size, 0);
    case Condition::kWhite:
      return flat_image(size, 255);
    case Condition::kNoise:
      return noise_image(size, random);
    case Condition::kShuffled:
    case Condition::kShuffledModality:
      return at_size(donor_image, size);
    case Condition::kPatchShuffled:
      return patch_shuffled(own, options.patch_size_px * options.merge_size, random);
    case Condition::kLowPass:
      return low_pass(own, blur_sigma_px(options));
    case Condition::kHighPass:
      return high_pass(own, blur_sigma_px(options));
    default:
      return own;
  }
}

record::ProbeAnswer unanswered(std::span<const record::Question> questions, const Ask& ask) {
  const record::Question& question = questions[ask.question];
  record::ProbeAnswer probe;
  probe.condition = condition_name(ask.condition);
  probe.variant = ask.variant;
  if (ask.image != ask.question) probe.image_of = questions[ask.image].id;
  probe.answer.image_group = record::image_group_of(question);
  probe.answer.question_id = question.id;
  probe.answer.gold = question.answer;
  return probe;
}

void translate_letters(const record::Question& question, const Ask& ask, record::Answer& answer) {
  if (ask.condition != Condition::kRotation) return;
  const auto own = [&](char shown) { return letter_before_rotation(question, ask.variant, shown); };
  if (!answer.letter.empty()) answer.letter[0] = own(answer.letter[0]);
  std::map<char, double> translated;
  for (const auto& [letter, value] : answer.letter_log_probability) translated[own(letter)] = value;
  answer.letter_log_probability = std::move(translated);
}

}  // namespace lmc::grounding
