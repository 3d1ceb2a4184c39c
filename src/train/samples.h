// What there is to learn: conversations of one prompt and one reply, from questions with the
// teacher's explanations, or given as they are.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "prompt/processor.h"      // Processor, Message, ModelInput
#include "prompt/question.h"       // QuestionText, ReplyStyle
#include "record/explanation.h"    // TokenLogProb
#include "train/image_store.h"     // ImageStore
#include "train/train_options.h"   // TrainOptions
#include "train/training_input.h"  // TrainingInput

namespace lmc::train {

class Objective;  // objective.h

// What a sample is written from, kept where epochs write it differently.
struct SampleSource {
  prompt::QuestionText question;
  char answer = 0;
  std::vector<std::string> reasonings;  // at least one, may be empty text
  prompt::ReplyStyle style{};
  prompt::ChatStyle chat{};
};

struct Sample {
  std::string id;
  std::string image;         // path; empty: no image
  std::string image_sha256;  // empty: not checked
  std::string prompt;        // the user's text
  std::string reply;
  double weight = 1;  // of all its tokens
  // The answer line within the reply, in bytes; an end of 0: the reply is not told apart.
  size_t answer_begin = 0, answer_end = 0;
  // What the teacher might have written, token by token of its whole reply; null: not known. Byte 0
  // of the student's reply is its byte `teacher_begin`, as far as `reasoning_end`.
  std::shared_ptr<const std::vector<record::TokenLogProb>> teacher;
  size_t teacher_begin = 0, reasoning_end = 0;
  std::shared_ptr<const SampleSource> source;  // null: every epoch learns the same text
};

// Sets prompt, reply and the answer line's place.
void write_texts(const SampleSource& source, const std::string& reasoning, Sample& sample);

struct SampleSet {
  std::vector<Sample> samples;
  std::map<std::string, int64_t> left_out;  // questions that made no sample, by reason
  // Samples that learn from the written tokens alone: the ledger has no log-probabilities of them.
  int64_t without_teacher = 0;
};

// Reads what the options name. With a ledger, only questions with an accepted explanation are used,
// whatever the target, so that arms that differ in the target alone learn from the same questions.
// Errors: InputError for files, and when nothing is left to learn from.
SampleSet read_samples(const TrainOptions& options, prompt::ChatStyle style);

// A sample as the model takes it, or why it cannot be: the image is unreadable or has changed, or
// the sample is longer than `max_tokens`.
// Threads: may be called from several at once.
struct LoadedSample {
  std::optional<TrainingInput> input;
  std::string problem;             // empty: none
  bool is_image_at_fault = false;  // for the problem
};
LoadedSample load_sample(const Sample& sample, const prompt::Processor& processor,
                         ImageStore& images, const Objective& objective, int64_t max_tokens);

struct Draw {
  size_t sample = 0;
  int64_t epoch = 0;  // over the data, from 0

  bool operator==(const Draw&) const = default;
};

// Samples that follow each other in every epoch: each alone, or all of an image.
std::vector<std::vector<size_t>> sample_groups(const std::vector<Sample>& samples, bool by_image);

// The draws of one optimiser step: every epoch is a permutation of its own, and the
// epochs are cut into batches as one endless list. Depends on seed, groups and step alone, so a
// resumed run needs nothing else to continue.
class BatchSampler {
 public:
  // Every sample is in one group.
  BatchSampler(std::vector<std::vector<size_t>> groups, int64_t batch, int64_t seed);

  // Steps count from 0. `total` ends the list: the last batch may be smaller.
  std::vector<Draw> batch_of_step(int64_t step, int64_t total);

 private:
  size_t at(int64_t place);

  std::vector<std::vector<size_t>> groups_;
  size_t num_samples_ = 0;
  int64_t batch_;
  int64_t seed_;
  int64_t epoch_ = -1;  // the one that order_ holds
  std::vector<size_t> order_;
};

}  // namespace lmc::train
