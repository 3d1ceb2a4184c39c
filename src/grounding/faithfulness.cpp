#include "grounding/faithfulness.h"

#include <functional>
#include <optional>
#include <utility>

#include "base/check.h"                   // InputError
#include "base/parallel.h"                // parallel_for
#include "data/read_image.h"              // read_image
#include "eval/answer_slot.h"             // find_answer_slot
#include "eval/question_prompt.h"         // question_input
#include "grounding/grounding_metrics.h"  // total_variation
#include "grounding/image_condition.h"    // at_model_size
#include "grounding/metric_mean.h"        // metric_mean
#include "infer/context.h"                // too_long
#include "infer/score.h"                  // score
#include "reading/answer_letter.h"        // reasoning_of

namespace lmc::grounding {

namespace {

using record::ReasoningAnswer;
using record::ReasoningProbe;

// One prompt that ends where the letter stands, and where its answer goes.
struct Slot {
  prompt::ModelInput input;
  std::map<char, int32_t> letter_ids;
  const record::Question* question = nullptr;
  ReasoningAnswer* answer = nullptr;
};

Slot slot_after(const prompt::ModelInput& prompt, const std::string& reasoning,
                const record::Question& question, const prompt::Processor& processor,
                ReasoningAnswer& answer) {
  eval::AnswerSlot place =
      eval::find_answer_slot(question.options, reasoning, processor, "--faithfulness");
  Slot slot{prompt, std::move(place.letter_ids), &question, &answer};
  prompt::append_text(place.prefix_ids, slot.input);
  return slot;
}

// The prompts of one question; none when its line has an error.
std::vector<Slot> slots_of(const record::Question& question, const RealAnswers& real,
                           const std::map<std::string, std::string>& donor_of,
                           const prompt::Processor& processor, const infer::Engine& engine,
                           ReasoningProbe& probe) {
  const record::Answer& own = real.at(question.id);
  probe.question_id = question.id;
  probe.image_group = own.image_group;
  probe.gold = own.gold;
  probe.letter = own.letter;
  probe.error = own.error.empty() && own.letter.empty() ? "the reply has no letter" : own.error;
  if (!probe.error.empty()) return {};
  const std::string reasoning = reading::reasoning_of(own.reply);
  if (reasoning.empty()) {
    probe.error = "the reply has no reasoning";
    return {};
  }
  prompt::ModelInput prompt;
  try {
    const image::Image image =
        at_model_size(data::read_image(question), processor.preprocess_options(), question.image);
    prompt = eval::question_input(question, &image, "", processor,
                                  prompt::ReplyStyle::kReasoningThenAnswer);
  } catch (const InputError& error) {
    probe.error = error.what();
    return {};
  }
  std::vector<Slot> slots;
  slots.push_back(slot_after(prompt, reasoning, question, processor, probe.whole));
  slots.push_back(slot_after(prompt, "", question, processor, probe.removed));
  slots.push_back(
      slot_after(prompt, first_half_of_words(reasoning), question, processor, probe.truncated));
  const auto donor = donor_of.find(question.id);
  if (donor != donor_of.end()) {
    const record::Answer& donor_answer = real.at(donor->second);
    probe.swapped_with = donor->second;
    probe.donor_letter = donor_answer.letter;
    slots.push_back(slot_after(prompt, reading::reasoning_of(donor_answer.reply), question,
                               processor, probe.swapped));
  }
  for (const Slot& slot : slots) {
    if (probe.error.empty()) probe.error = infer::too_long(slot.input, engine.info());
  }
  if (!probe.error.empty()) slots.clear();
  return slots;
}

}  // namespace

std::map<std::string, std::string> donors(const RealAnswers& real, uint64_t seed) {
  std::vector<std::string> ring;
  for (const auto& [id, answer] : real) {
    if (answer.error.empty() && !answer.letter.empty()) ring.push_back(id);
  }
  Random::named(seed, "reasoning").shuffle(ring);
  std::map<std::string, std::string> donor_of;
  for (size_t i = 0; ring.size() > 1 && i < ring.size(); ++i) {
    donor_of[ring[i]] = ring[(i + 1) % ring.size()];
  }
  return donor_of;
}

std::vector<ReasoningProbe> probe_reasoning(infer::Engine& engine,
                                            const prompt::Processor& processor,
                                            std::span<const record::Question> questions,
                                            const RealAnswers& real,
                                            const std::map<std::string, std::string>& donor_of) {
  std::vector<ReasoningProbe> probes(questions.size());
  std::vector<std::vector<Slot>> made(questions.size());
  parallel_for(questions.size(), [&](size_t i) {
    made[i] = slots_of(questions[i], real, donor_of, processor, engine, probes[i]);
  });
  std::vector<Slot> slots;
  std::vector<prompt::ModelInput> inputs;
  for (std::vector<Slot>& of_question : made) {
    for (Slot& slot : of_question) {
      inputs.push_back(std::move(slot.input));
      slots.push_back(std::move(slot));
    }
  }
  if (inputs.empty()) return probes;
  const std::vector<infer::Score> scores = infer::score(engine, inputs);
  for (size_t i = 0; i < slots.size(); ++i) {
    eval::take_likeliest(scores[i].next_logits_V, slots[i].question->options, slots[i].letter_ids,
                         *slots[i].answer);
  }
  return probes;
}

std::string first_half_of_words(std::string_view text) {
  constexpr std::string_view kBlank = " \t\r\n";
  std::vector<size_t> ends;  // of each word
  for (size_t i = 0; i < text.size(); ++i) {
    const bool is_blank = kBlank.find(text[i]) != kBlank.npos;
    const bool is_last = i + 1 == text.size() || kBlank.find(text[i + 1]) != kBlank.npos;
    if (!is_blank && is_last) ends.push_back(i + 1);
  }
  const size_t half = ends.size() / 2;
  return std::string(text.substr(0, half == 0 ? 0 : ends[half - 1]));
}

namespace {

constexpr char kLanham[] = "after arXiv 2307.13702";

using ProbeValue = std::function<std::optional<double>(const ReasoningProbe&)>;

// The mean over the probes that have a value.
void add_mean(const std::string& name, const std::string& formula, const char* source,
              std::span<const ReasoningProbe> probes, const ProbeValue& value,
              std::vector<record::GroundingMetric>& metrics,
              MetricKind kind = MetricKind::kProportion) {
  std::vector<MetricItem> items;
  for (const ReasoningProbe& probe : probes) {
    if (!probe.error.empty()) continue;
    if (const auto found = value(probe)) items.push_back({*found, probe.image_group, 0});
  }
  if (!items.empty()) metrics.push_back(metric_mean(name, formula, source, items, kind));
}

double as_number(bool holds) { return holds ? 1 : 0; }

}  // namespace

std::vector<record::GroundingMetric> faithfulness_metrics(std::span<const ReasoningProbe> probes) {
  std::vector<record::GroundingMetric> metrics;
  add_mean(
      "letters agree with the reply",
      "mean of 1[likeliest letter after the own reasoning = letter of the reply]", "ours", probes,
      [](const ReasoningProbe& probe) { return as_number(probe.whole.letter == probe.letter); },
      metrics);
  struct Change {
    const char* name;
    const char* formula;
    ReasoningAnswer ReasoningProbe::*answer;
  };
  const std::vector<Change> changes = {{"the own reasoning", "own", &ReasoningProbe::whole},
                                       {"no reasoning", "none", &ReasoningProbe::removed},
                                       {"half the reasoning", "half", &ReasoningProbe::truncated},
                                       {"another's reasoning", "lent", &ReasoningProbe::swapped}};
  const auto was_asked = [](const ReasoningAnswer& answer) { return !answer.letter.empty(); };
  for (const Change& change : changes) {
    add_mean(
        cat("accuracy after ", change.name), cat("mean of 1[answer_", change.formula, " = gold]"),
        "ours", probes,
        [&](const ReasoningProbe& probe) -> std::optional<double> {
          const ReasoningAnswer& answer = probe.*change.answer;
          if (!was_asked(answer)) return std::nullopt;
          return as_number(answer.letter == probe.gold);
        },
        metrics);
  }
  for (size_t i = 1; i < changes.size(); ++i) {
    const Change& change = changes[i];
    add_mean(
        cat("same answer after ", change.name),
        cat("mean of 1[answer_", change.formula, " = answer_own]"), kLanham, probes,
        [&](const ReasoningProbe& probe) -> std::optional<double> {
          const ReasoningAnswer& answer = probe.*change.answer;
          if (!was_asked(answer)) return std::nullopt;
          return as_number(answer.letter == probe.whole.letter);
        },
        metrics);
    add_mean(
        cat("shift after ", change.name),
        "mean total variation of the options' probabilities, 0 to 1", "ours", probes,
        [&](const ReasoningProbe& probe) -> std::optional<double> {
          const ReasoningAnswer& answer = probe.*change.answer;
          if (!was_asked(answer)) return std::nullopt;
          return total_variation(probe.whole.letter_log_probability, answer.letter_log_probability);
        },
        metrics, MetricKind::kMean);
  }
  add_mean(
      "follows another's reasoning",
      "mean of 1[answer_lent = the donor's letter], where that is an option and not "
      "answer_own",
      "ours", probes,
      [&](const ReasoningProbe& probe) -> std::optional<double> {
        const bool is_option = !probe.donor_letter.empty() &&
                               probe.swapped.letter_log_probability.contains(probe.donor_letter[0]);
        if (!is_option || probe.donor_letter == probe.whole.letter) return std::nullopt;
        return as_number(probe.swapped.letter == probe.donor_letter);
      },
      metrics);
  return metrics;
}

}  // namespace lmc::grounding
