#include "train/samples.h"

#include <algorithm>
#include <filesystem>
#include <numeric>

#include "base/check.h"          // InputError
#include "base/random.h"         // Random
#include "record/explanation.h"  // read_ledger
#include "record/json_lines.h"   // for_each_record
#include "record/question.h"     // read_questions
#include "train/objective.h"     // Objective

namespace lmc::train {

namespace {

std::vector<prompt::ReplyStyle> styles_of(Target target) {
  switch (target) {
    case Target::kAnswer:
      return {prompt::ReplyStyle::kAnswerOnly};
    case Target::kReasoningAnswer:
      return {prompt::ReplyStyle::kReasoningThenAnswer};
    case Target::kAnswerReasoning:
      return {prompt::ReplyStyle::kAnswerThenReasoning};
    case Target::kMultitask:
      break;
  }
  return {prompt::ReplyStyle::kReasoningThenAnswer, prompt::ReplyStyle::kAnswerOnly};
}

// question_messages puts the image first and all text in one part.
std::string text_of(const std::vector<prompt::Message>& messages) {
  return messages.at(0).parts.back().text;
}

// The student's reasoning within what the teacher wrote, byte for byte.
void add_teacher(const record::Explanation& explanation, Sample& sample, SampleSet& set) {
  std::string written;
  for (const record::TokenLogProb& token : explanation.log_probs) written += token.written.bytes;
  const size_t begin =
      explanation.reasoning.empty() || !sample.reply.starts_with(explanation.reasoning)
          ? written.npos
          : written.find(explanation.reasoning);
  if (begin == written.npos) {
    ++set.without_teacher;
    return;
  }
  sample.teacher = std::make_shared<const std::vector<record::TokenLogProb>>(explanation.log_probs);
  sample.teacher_begin = begin;
  sample.reasoning_end = explanation.reasoning.size();
}

// One sample a reasoning: the first, or all, which then share the question's weight. In turn: one
// sample, which has another of them in every epoch.
void add_replies(const TrainOptions& options, prompt::ChatStyle chat,
                 const record::Question& question, const prompt::QuestionText& text,
                 prompt::ReplyStyle style, const record::Explanation& explanation, SampleSet& set) {
  const bool reasons = style != prompt::ReplyStyle::kAnswerOnly;
  std::vector<std::string> reasonings{explanation.reasoning};
  if (reasons && options.explanations_per_question != ReasoningChoice::kFirst) {
    reasonings.insert(reasonings.end(), explanation.further_reasonings.begin(),
                      explanation.further_reasonings.end());
  }
  const double share =
      reasons && options.target == Target::kMultitask ? options.reasoning_share : 1;
  SampleSource source{text, question.answer, reasonings, style, chat};
  const bool in_turn = reasons && options.explanations_per_question == ReasoningChoice::kInTurn;
  if (in_turn) reasonings.resize(1);
  for (size_t i = 0; i < reasonings.size(); ++i) {
    Sample sample;
    sample.id = question.id;
    sample.image = question.image;
    sample.image_sha256 = question.image_sha256;
    write_texts(source, reasonings[i], sample);
    sample.weight = share / static_cast<double>(reasonings.size());
    if (!in_turn) source.reasonings = {reasonings[i]};
    if (in_turn || options.option_order != OptionOrder::kAsGiven) {
      sample.source = std::make_shared<const SampleSource>(source);
    }
    // The log-probabilities are those of the first reply.
    if (reasons && options.distillation_weight > 0) {
      if (i == 0 && style != prompt::ReplyStyle::kAnswerThenReasoning) {
        add_teacher(explanation, sample, set);
      } else {
        ++set.without_teacher;
      }
    }
    set.samples.push_back(std::move(sample));
  }
}

void add_questions(const TrainOptions& options, prompt::ChatStyle chat, SampleSet& set) {
  std::map<std::string, record::Explanation> explanations;
  if (!options.explanations.empty()) {
    for (record::Explanation& one : record::read_ledger(options.explanations)) {
      explanations[one.question_id] = std::move(one);
    }
  }
  int64_t used = 0;
  for (const record::Question& question : record::read_questions(options.questions)) {
    if (!options.split.empty() && question.split != options.split) continue;
    if (options.limit > 0 && used >= options.limit) break;
    record::Explanation explanation;
    if (!options.explanations.empty()) {
      const auto found = explanations.find(question.id);
      if (found == explanations.end()) {
        ++set.left_out["not in the ledger"];
        continue;
      }
      if (!found->second.accepted) {
        ++set.left_out["explanation rejected"];
        continue;
      }
      // Accepted all the same where the rule wrong-answer was off.
      const std::string& answer = found->second.answer;
      if (!answer.empty() && answer[0] != question.answer) {
        ++set.left_out["explanation of another answer"];
        continue;
      }
      explanation = found->second;
    }
    ++used;
    const prompt::QuestionText text{question.question, question.options,
                                    options.with_caption ? question.caption : ""};
    for (const prompt::ReplyStyle style : styles_of(options.target)) {
      add_replies(options, chat, question, text, style, explanation, set);
    }
  }
}

void add_conversations(const TrainOptions& options, SampleSet& set) {
  const std::filesystem::path folder = std::filesystem::path(options.conversations).parent_path();
  record::for_each_record(
      options.conversations, record::LastLine::kIsWhole,
      [&](const Json& json, const std::string& where) {
        Sample sample;
        sample.id = json_get_or<std::string>(json, "id", where, where);
        sample.image = json_get_or<std::string>(json, "image", where, "");
        sample.image_sha256 = json_get_or<std::string>(json, "image_sha256", where, "");
        sample.prompt = json_get<std::string>(json, "prompt", where);
        sample.reply = json_get<std::string>(json, "reply", where);
        if (!sample.image.empty() && std::filesystem::path(sample.image).is_relative()) {
          sample.image = (folder / sample.image).string();
        }
        set.samples.push_back(std::move(sample));
      });
}

// Each image gives way to the next in a random round of all, so none keeps its place.
void shuffle_images(uint64_t seed, std::vector<Sample>& samples) {
  std::map<std::string, std::string> hashes;
  for (const Sample& sample : samples) {
    if (!sample.image.empty()) hashes[sample.image] = sample.image_sha256;
  }
  std::vector<std::string> round;
  for (const auto& [image, hash] : hashes) round.push_back(image);
  Random::named(seed, "shuffled pictures").shuffle(round);
  std::map<std::string, std::string> next;
  for (size_t i = 0; i < round.size(); ++i) next[round[i]] = round[(i + 1) % round.size()];
  for (Sample& sample : samples) {
    if (sample.image.empty()) continue;
    sample.image = next.at(sample.image);
    sample.image_sha256 = hashes.at(sample.image);
  }
}

std::vector<prompt::Message> messages_of(const Sample& sample) {
  prompt::Message message{"user", {}};
  if (!sample.image.empty()) message.parts.push_back(prompt::Part::of_image());
  message.parts.push_back(prompt::Part::of_text(sample.prompt));
  return {std::move(message)};
}

}  // namespace

void write_texts(const SampleSource& source, const std::string& reasoning, Sample& sample) {
  sample.prompt = text_of(prompt::question_messages(source.question, source.style));
  sample.reply = prompt::training_reply(reasoning, source.answer, source.style, source.chat);
  const size_t line = std::string_view("Answer: X").size();
  const bool answer_first = source.style == prompt::ReplyStyle::kAnswerThenReasoning;
  sample.answer_begin = answer_first ? 0 : sample.reply.size() - line;
  sample.answer_end = sample.answer_begin + line;
}

SampleSet read_samples(const TrainOptions& options, prompt::ChatStyle style) {
  SampleSet set;
  if (!options.questions.empty()) add_questions(options, style, set);
  if (!options.conversations.empty()) add_conversations(options, set);
  if (options.shuffle_images) {
    shuffle_images(static_cast<uint64_t>(options.seed), set.samples);
  }
  if (set.samples.empty()) {
    std::string reasons;
    for (const auto& [reason, count] : set.left_out) reasons += cat("; ", reason, ": ", count);
    throw InputError(options.questions.empty() ? options.conversations : options.questions,
                     cat("nothing to learn from", reasons));
  }
  return set;
}

LoadedSample load_sample(const Sample& sample, const prompt::Processor& processor,
                         ImageStore& images, const Objective& objective, int64_t max_tokens) {
  std::vector<std::shared_ptr<const image::PatchGrid>> grids;
  try {
    if (!sample.image.empty()) grids.push_back(images.read(sample.image, sample.image_sha256));
  } catch (const InputError& error) {
    return {{}, error.what(), true};
  }
  try {
    TrainingInput made;
    made.input = processor.for_training(messages_of(sample), sample.reply, std::move(grids));
    const auto length = static_cast<int64_t>(made.input.ids.size());
    if (length > max_tokens) return {{}, cat(length, " tokens, more than --max-tokens")};
    objective.apply(sample, made);
    return {std::move(made), ""};
  } catch (const InputError& error) {
    return {{}, error.what()};
  }
}

std::vector<std::vector<size_t>> sample_groups(const std::vector<Sample>& samples, bool by_image) {
  std::vector<std::vector<size_t>> groups;
  std::map<std::string, size_t> group_of;
  for (size_t i = 0; i < samples.size(); ++i) {
    const bool may_join = by_image && !samples[i].image.empty();
    const auto [found, is_new] = may_join ? group_of.emplace(samples[i].image, groups.size())
                                          : std::pair(group_of.end(), true);
    if (is_new) groups.emplace_back();
    (is_new ? groups.back() : groups[found->second]).push_back(i);
  }
  return groups;
}

BatchSampler::BatchSampler(std::vector<std::vector<size_t>> groups, int64_t batch, int64_t seed)
    : groups_(std::move(groups)), batch_(batch), seed_(seed) {
  for (const std::vector<size_t>& group : groups_) num_samples_ += group.size();
}

size_t BatchSampler::at(int64_t place) {
  const auto count = static_cast<int64_t>(num_samples_);
  if (place / count != epoch_) {
    epoch_ = place / count;
    std::vector<size_t> groups(groups_.size());
    std::iota(groups.begin(), groups.end(), size_t{0});
    Random::named(static_cast<uint64_t>(seed_), "order", static_cast<uint64_t>(epoch_))
        .shuffle(groups);
    order_.clear();
    for (const size_t group : groups) {
      order_.insert(order_.end(), groups_[group].begin(), groups_[group].end());
    }
  }
  return order_[static_cast<size_t>(place % count)];
}

std::vector<Draw> BatchSampler::batch_of_step(int64_t step, int64_t total) {
  std::vector<Draw> draws;
  const int64_t end = std::min((step + 1) * batch_, total);
  for (int64_t place = step * batch_; place < end; ++place) {
    const size_t sample = at(place);
    draws.push_back({sample, epoch_});
  }
  return draws;
}

}  // namespace lmc::train
