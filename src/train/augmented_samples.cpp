#include "train/augmented_samples.h"

#include <algorithm>

#include "base/random.h"  // Random
#include "reading/letter_mentions.h"
#include "reading/option_order.h"

namespace lmc::train {

namespace {

std::string movable_letters_of(const Sample& sample) {
  if (!sample.source) return {};
  const SampleSource& source = *sample.source;
  const auto is_unclear = [&](const std::string& reasoning) {
    return reading::letter_mentions(reasoning, source.question.options).unclear;
  };
  if (source.style != prompt::ReplyStyle::kAnswerOnly &&
      std::any_of(source.reasonings.begin(), source.reasonings.end(), is_unclear)) {
    return {};
  }
  std::string movable = reading::movable_letters(source.question);
  // The gold option must be free to take another's place.
  return movable.find(source.answer) == movable.npos ? std::string() : movable;
}

}  // namespace

AugmentedSamples::AugmentedSamples(const std::vector<Sample>& samples, const TrainOptions& options)
    : samples_(samples),
      seed_(static_cast<uint64_t>(options.seed)),
      balanced_(options.option_order == OptionOrder::kBalanced) {
  if (options.option_order == OptionOrder::kAsGiven) return;
  movable_.reserve(samples.size());
  for (const Sample& sample : samples) {
    movable_.push_back(movable_letters_of(sample));
    kept_in_order_ += movable_.back().empty() ? 1 : 0;
  }
}

char AugmentedSamples::gold_letter(const Draw& draw) {
  if (!balanced_) {
    const std::string& movable = movable_[draw.sample];
    Random random = Random::named(seed_ + static_cast<uint64_t>(draw.epoch), "gold letter",
                                  static_cast<uint64_t>(draw.sample));
    return random.pick(std::vector<char>(movable.begin(), movable.end()));
  }
  const std::lock_guard lock(mutex_);
  const auto found = golds_.find(draw.epoch);
  if (found != golds_.end()) return found->second[draw.sample];
  // Samples that keep their order count towards the balance.
  std::vector<std::string> allowed = movable_;
  for (size_t i = 0; i < allowed.size(); ++i) {
    if (allowed[i].empty() && samples_[i].source) allowed[i] = samples_[i].source->answer;
    if (allowed[i].empty()) allowed[i].assign(1, '-');  // a conversation
  }
  // A step may reach into the epoch after; older ones are over.
  golds_.erase(golds_.begin(), golds_.lower_bound(draw.epoch - 1));
  return golds_.emplace(draw.epoch, reading::balanced_letters(allowed, seed_, draw.epoch))
      .first->second[draw.sample];
}

Sample AugmentedSamples::draw(const Draw& draw) {
  Sample sample = samples_[draw.sample];
  if (!sample.source) return sample;
  SampleSource source = *sample.source;
  const size_t turn = static_cast<size_t>(draw.epoch) % source.reasonings.size();
  std::string reasoning = source.reasonings[turn];
  if (!movable_.empty() && !movable_[draw.sample].empty()) {
    Random random = Random::named(seed_ + static_cast<uint64_t>(draw.epoch), "option order",
                                  static_cast<uint64_t>(draw.sample));
    const std::map<char, char> renamed = reading::draw_letters(
        source.question, movable_[draw.sample], source.answer, gold_letter(draw), random);
    const std::vector<size_t> places =
        reading::letter_mentions(reasoning, source.question.options).places;
    reasoning = reading::with_letters(std::move(reasoning), places, renamed);
    std::map<char, std::string> options;
    for (const auto& [letter, text] : source.question.options) options[renamed.at(letter)] = text;
    source.question.options = std::move(options);
    source.answer = renamed.at(source.answer);
  }
  write_texts(source, reasoning, sample);
  return sample;
}

}  // namespace lmc::train
