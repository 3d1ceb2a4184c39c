// Decides which sequences of an engine run together: continuous batching.
//
// Requests wait until there is room, join the batch at any step and leave it as they end, each with
// its own sampling options. Every step is one forward pass over a token of each growing reply and
// over prompts, or chunks of them, up to a budget of tokens. A prompt that begins like a sequence
// the engine still holds, images included, continues a fork of it: the samples of one question, the
// letters after a reply, changed questions on one image.
//
// Every reply draws from its own random stream. With an engine that is batch invariant the result
// of a request is the same bits whatever else runs; with others, to rounding, or the same bits too
// in deterministic mode, where every sequence runs alone.
// Source: Yu et al. 2022 (Orca), iteration-level scheduling; Kwon et al. 2023 (vLLM), prefix reuse.
// Letters: V vocabulary.
// Threads: one at a time, the engine's.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <list>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "infer/engine.h"        // Engine
#include "infer/prefix_cache.h"  // PrefixCache
#include "infer/reply.h"         // Reply
#include "infer/sampling.h"      // SamplingOptions
#include "prompt/model_input.h"  // ModelInput
#include "text/tokenizer.h"      // Tokenizer

namespace lmc::infer {

struct SchedulerOptions {
  int64_t max_sequences = 32;      // that grow at the same time
  int64_t tokens_per_step = 4096;  // an image that stands alone may exceed it: it is not cut
  int64_t kept_bytes = int64_t{512} << 20;  // of keys and values kept of sequences that ended
  bool deterministic = false;
};

// Replies to a prompt.
struct GenerateRequest {
  prompt::ModelInput prompt;
  SamplingOptions sampling;
  std::vector<uint64_t> stream_ids;  // of the replies, one each
  // A piece of text that became final; false ends that reply early, which counts as kStop.
  std::function<bool(size_t reply, std::string_view piece)> on_text;
  std::function<void(std::vector<Reply>)> on_replies;
};

// How likely a text is behind a prompt.
struct Score {
  std::vector<double> log_probs;     // of each token of the continuation, over the whole vocabulary
  std::vector<float> next_logits_V;  // of the token that follows
};

struct ScoreRequest {
  prompt::ModelInput prompt;
  std::vector<int32_t> continuation;  // text; may be empty
  std::function<void(Score)> on_score;
};

class Scheduler {
 public:
  // All of them outlive the scheduler; `end_ids` end a reply.
  Scheduler(Engine& engine, const text::Tokenizer& tokenizer, std::span<const int32_t> end_ids,
            const SchedulerOptions& options);
  // For scores alone.
  Scheduler(Engine& engine, const SchedulerOptions& options);
  ~Scheduler();
  Scheduler(const Scheduler&) = delete;
  Scheduler& operator=(const Scheduler&) = delete;

  // Callbacks come from step() and may submit further requests; those go before all that wait, as
  // what they continue is still held.
  // Errors: InputError for sampling options out of range and for a prompt that leaves no room.
  void submit(GenerateRequest request);
  void submit(ScoreRequest request);

  // One forward pass. False: there was nothing to do.
  bool step();
  // Until nothing is left.
  void run();

  // Of the images of a prompt, kept as those of requests are: for what asks the engine itself,
  // between two steps.
  std::vector<SharedFeatures> features_of(const prompt::ModelInput& prompt);

  size_t num_waiting() const { return waiting_.size(); }
  size_t num_running() const { return running_.size(); }

  // Forgets all requests, without a callback, and all that is kept. After an error of the engine, or when nobody wants
  // the rest.
  void abandon();

 private:
  struct Request;
  struct Feeds;
  struct Source;
  using Prefix = std::pair<SequenceId, int64_t>;  // a sequence, and so many of its first tokens

  void enqueue(std::unique_ptr<Request> request);
  void admit();
  static void shorten(Request& request, int64_t most);
  bool has_room_for(const Request& request) const;
  Prefix longest_prefix(const Request& request);
  bool should_wait_for_prefix(const Request& request, int64_t held) const;
  void start(Request& request, const Prefix& held);
  void add_decoding(Request& request, Feeds& feeds);
  void add_chunk(Request& request, Feeds& feeds);
  void encode_images(Feeds& feeds);
  struct HashedImage {
    std::string hash;
    const image::PatchGrid* image;
  };
  std::map<std::string, SharedFeatures> features_by_hash(std::span<const HashedImage> images);
  void take_logits(const Source& source, const Feed& feed, const Logits& logits, size_t index);
  void begin_replies(Request& request, std::span<const float> logits_V);
  static bool is_done(const Request& request);
  void finish(Request& request);

  Engine& engine_;
  const text::Tokenizer* tokenizer_ = nullptr;
  std::vector<int32_t> end_ids_;
  SchedulerOptions options_;
  bool runs_alone_;  // every sequence in a forward pass of its own
  bool shares_prefixes_;
  PrefixCache prefixes_;
  FeatureCache features_;
  std::deque<std::unique_ptr<Request>> waiting_;
  std::list<std::unique_ptr<Request>> running_;
  bool in_step_ = false;
  size_t num_submitted_in_step_ = 0;
};

}  // namespace lmc::infer
