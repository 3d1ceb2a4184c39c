// Who answers the prompts of a stage: a model in this process (engine_predictor.h), one behind an
// endpoint (endpoint_predictor.h), a script in tests.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "image/preprocess.h"  // Image, PreprocessOptions
#include "infer/sampling.h"    // SamplingOptions
#include "prompt/question.h"   // ReplyStyle
#include "record/answer.h"     // Answer
#include "record/question.h"   // Question

namespace lmc::eval {

// What a stopped evaluation or grounding run tells its user.
inline constexpr char kOnInterrupt[] = "the same command does the rest";

// How a model is asked, and what is taken of what it says.
struct PredictionOptions {
  prompt::ReplyStyle style = prompt::ReplyStyle::kReasoningThenAnswer;
  // Instead of generating: the letter that the model finds likeliest right after "Answer:", with no
  // reasoning before it.
  bool by_likelihood = false;
  // After generating: the letter that the model finds likeliest after "Answer:" and the reasoning
  // it gave, also where the reply itself was cut before it came to an answer. Its log-probabilities
  // are a confidence. Not together with by_likelihood or several samples.
  bool weighs_letters = false;
  // Replies to each prompt, of which the commonest letter counts (self-consistency: Wang et al.,
  // ICLR 2023). The prompt is read once.
  int64_t samples = 1;
  infer::SamplingOptions sampling;
};

// An image as a prompt shows it.
struct ShownImage {
  std::optional<image::Image> image;  // none: the prompt has no image
  std::string problem;                // why it cannot be shown; empty: it can
  bool is_of_dicom = false;           // of such a file the pixels are sent only where it is allowed
  bool has_burned_in_text = false;    // the DICOM file says so
};

// The prompts of a stage, by number, and what becomes of their answers.
class PromptList {
 public:
  virtual ~PromptList() = default;
  virtual size_t size() const = 0;

  // The question as it is shown: with the options in their shown order, its caption only where that
  // is part of the prompt, and no image where none is. Its id names the prompt among all.
  // Threads: any.
  virtual record::Question shown(size_t prompt) const = 0;

  // Its place among all of the run, which names the random streams of its replies.
  virtual uint64_t stream(size_t prompt) const = 0;

  // The images of the prompts [begin, end), each at the size at which a model with these settings
  // sees it, or any that it makes that size of.
  // Threads: any, each for other prompts.
  virtual std::vector<ShownImage> images(size_t begin, size_t end,
                                         const image::PreprocessOptions& options) = 0;

  // Whether the images are those of the questions' files, as they are.
  virtual bool shows_files() const = 0;

  // Takes what the model says: letter, reply, finish, reply_tokens, letter_log_probability,
  // samples, or error. In order, each once.
  virtual void take(size_t prompt, record::Answer answer) = 0;
};

class Predictor {
 public:
  virtual ~Predictor() = default;

  // Puts the prompts from `begin` on; each answer is handed to the list as soon as it and all
  // before it are there. A prompt whose image cannot be read, or that is too long, gets an answer
  // that says so.
  // Errors: those of the model; InputError when letters cannot be compared; Interrupted after a
  // stop was asked for.
  virtual void answer(PromptList& prompts, size_t begin) = 0;

  // So many prompts depend on each other: what a kill cut is asked again from the first of them on.
  virtual size_t block() const { return 1; }
};

}  // namespace lmc::eval
