#include "infer/scheduler.h"

#include <algorithm>
#include <utility>

#include "base/check.h"             // InputError, LMC_CHECK
#include "infer/context.h"          // room_for_reply, too_long
#include "infer/reply_builder.h"    // ReplyBuilder
#include "infer/token_log_probs.h"  // log_sum_exp

namespace lmc::infer {

namespace {

// Logits that a step may make at most, in values: scoring a long text goes in chunks.
constexpr int64_t kMaxLogitValues = int64_t{16} << 20;
// A prompt continues a fork of another, and waits while that is being read, when at least so many
// tokens are the same.
constexpr int64_t kWorthSharing = 32;

int64_t kept_tokens(const EngineInfo& info, int64_t bytes) {
  return info.kv_bytes_per_token > 0 ? bytes / info.kv_bytes_per_token : bytes;
}

// What these requests come to hold at most.
template <class Requests>
int64_t max_tokens(const Requests& requests) {
  int64_t tokens = 0;
  for (const auto& request : requests) tokens += request->max_tokens();
  return tokens;
}

}  // namespace

// A request on its way. Its tokens are the prompt and, to be scored, the continuation; behind them
// replies grow, each in a sequence of its own.
struct Scheduler::Request {
  prompt::ModelInput input;
  Tokens tokens;             // of the input
  GenerateRequest generate;  // its prompt and that of `scoring` went into the input
  ScoreRequest scoring;
  bool is_scoring = false;
  int64_t first_wanted = 0;  // the logits behind this token and all later ones are wanted
  int64_t num_read = 0;      // tokens that the engine has seen
  SequenceId sequence = -1;
  Score score;
  struct Growing {
    std::unique_ptr<ReplyBuilder> builder;
    SequenceId sequence = -1;
    int32_t last_token = 0;
  };
  std::vector<Growing> replies;

  bool is_read() const { return num_read == std::ssize(tokens.ids); }
  int64_t num_sequences() const { return is_scoring ? 1 : std::ssize(generate.stream_ids); }
  // What it comes to hold at most; forks share what they have in common.
  int64_t max_tokens() const {
    const int64_t grown = is_scoring ? 0 : generate.sampling.max_new_tokens;
    return std::ssize(tokens.ids) + num_sequences() * grown;
  }
};

// Where a feed comes from.
struct Scheduler::Source {
  Request* request = nullptr;
  size_t reply = 0;
  int64_t end = 0;  // of a chunk, among the request's tokens; 0: a token of the reply
};

// One step's forward pass. The feeds look into the requests and into what is held here.
struct Scheduler::Feeds {
  std::vector<Feed> feeds;
  std::vector<Source> sources;
  std::vector<std::vector<SharedFeatures>> images;  // of each feed
  int64_t tokens_left = 0;
};

Scheduler::Scheduler(Engine& engine, const text::Tokenizer& tokenizer,
                     std::span<const int32_t> end_ids, const SchedulerOptions& options)
    : Scheduler(engine, options) {
  tokenizer_ = &tokenizer;
  end_ids_.assign(end_ids.begin(), end_ids.end());
}

Scheduler::Scheduler(Engine& engine, const SchedulerOptions& options)
    : engine_(engine),
      options_(options),
      runs_alone_(options.deterministic && !engine.info().is_batch_invariant),
      shares_prefixes_(!runs_alone_ && kept_tokens(engine.info(), options.kept_bytes) > 0),
      prefixes_(engine, !shares_prefixes_ ? 0 : static_cast<size_t>(options.max_sequences),
                kept_tokens(engine.info(), options.kept_bytes)) {
  LMC_CHECK(options_.max_sequences > 0 && options_.tokens_per_step > 0);
}

Scheduler::~Scheduler() { abandon(); }

void Scheduler::submit(GenerateRequest request) {
  check_sampling(request.sampling);
  LMC_CHECK(!request.stream_ids.empty() && tokenizer_ != nullptr, "a request for no reply");
  auto made = std::make_unique<Request>();
  made->generate = std::move(request);
  made->input = std::move(made->generate.prompt);
  int64_t& most = made->generate.sampling.max_new_tokens;
  most = room_for_reply(made->input, engine_.info(), most);
  enqueue(std::move(made));
}

void Scheduler::submit(ScoreRequest request) {
  auto made = std::make_unique<Request>();
  made->scoring = std::move(request);
  made->is_scoring = true;
  made->input = std::move(made->scoring.prompt);
  made->first_wanted = std::ssize(made->input.ids) - 1;
  prompt::append_text(made->scoring.continuation, made->input);
  enqueue(std::move(made));
}

void Scheduler::enqueue(std::unique_ptr<Request> request) {
  const std::string problem = too_long(request->input, engine_.info());
  if (!problem.empty()) throw InputError("prompt", problem);
  request->tokens = {request->input.ids,
                     image_spans(request->input, engine_.info().image_token_id)};
  if (!request->is_scoring) request->first_wanted = std::ssize(request->input.ids) - 1;
  LMC_CHECK(request->first_wanted >= 0, "an empty prompt");
  const int64_t most = engine_.info().max_kv_tokens;
  if (most > 0 && request->max_tokens() > most) shorten(*request, most);
  if (in_step_) {
    waiting_.insert(waiting_.begin() + static_cast<std::ptrdiff_t>(num_submitted_in_step_++),
                    std::move(request));
  } else {
    waiting_.push_back(std::move(request));
  }
}

// A length is an upper bound: what does not fit beside the prompt is cut.
void Scheduler::shorten(Request& request, int64_t most) {
  const int64_t room = most - std::ssize(request.tokens.ids);
  if (room < request.num_sequences()) {
    throw InputError("prompt", cat("it takes memory for ", request.tokens.ids.size(),
                                   " tokens; there is room for ", most, " with its reply"));
  }
  request.generate.sampling.max_new_tokens = room / request.num_sequences();
}

bool Scheduler::has_room_for(const Request& request) const {
  if (running_.empty()) return true;
  int64_t sequences = request.num_sequences();
  for (const auto& other : running_) sequences += other->num_sequences();
  const int64_t most = engine_.info().max_kv_tokens;
  return sequences <= options_.max_sequences &&
         (most == 0 || request.max_tokens() + max_tokens(running_) <= most);
}

// Of the sequences that the engine holds, ended ones or such whose replies grow.
Scheduler::Prefix Scheduler::longest_prefix(const Request& request) {
  if (!shares_prefixes_) return {-1, 0};
  Prefix best = prefixes_.longest(request.tokens);
  for (const auto& other : running_) {
    if (!other->is_read()) continue;
    const int64_t common = common_prefix(other->tokens, request.tokens);
    if (common > best.second) best = {other->sequence, common};
  }
  return best;
}

bool Scheduler::should_wait_for_prefix(const Request& request, int64_t held) const {
  if (!shares_prefixes_) return false;
  return std::any_of(running_.begin(), running_.end(), [&](const auto& other) {
    return !other->is_read() &&
           common_prefix(other->tokens, request.tokens) >= held + kWorthSharing;
  });
}

void Scheduler::admit() {
  for (size_t i = 0; i < waiting_.size();) {
    Request& request = *waiting_[i];
    if (!has_room_for(request)) return;
    const Prefix held = longest_prefix(request);
    if (should_wait_for_prefix(request, held.second)) {
      ++i;
      continue;
    }
    start(request, held);
    running_.push_back(std::move(waiting_[i]));
    waiting_.erase(waiting_.begin() + static_cast<std::ptrdiff_t>(i));
  }
}

void Scheduler::start(Request& request, const Prefix& held) {
  // The token before the first wanted logits is read again.
  request.num_read = held.second < kWorthSharing ? 0 : std::min(held.second, request.first_wanted);
  request.sequence =
      request.num_read > 0 ? engine_.fork(held.first, request.num_read) : engine_.open();
  const int64_t most = engine_.info().max_kv_tokens;
  if (most > 0) {
    prefixes_.shrink(static_cast<size_t>(options_.max_sequences),
                     most - request.max_tokens() - max_tokens(running_));
  }
}

void Scheduler::add_decoding(Request& request, Feeds& feeds) {
  for (size_t i = 0; i < request.replies.size(); ++i) {
    Request::Growing& reply = request.replies[i];
    if (reply.builder->ended()) continue;
    reply.last_token = reply.builder->last_token();
    feeds.feeds.push_back({reply.sequence, {&reply.last_token, 1}, {}, {}, 1});
    feeds.sources.push_back({&request, i, 0});
    --feeds.tokens_left;
  }
}

void Scheduler::add_chunk(Request& request, Feeds& feeds) {
  const int64_t begin = request.num_read;
  const auto total = std::ssize(request.tokens.ids);
  int64_t end = std::min(total, begin + feeds.tokens_left);
  for (const ImageSpan& image : request.tokens.images) {
    if (image.begin >= end || image.end <= end) continue;
    end = image.begin > begin ? image.begin : image.end;
  }
  const int64_t first_logits = std::max(begin, request.first_wanted);
  const int64_t most_logits = std::max<int64_t>(1, kMaxLogitValues / engine_.info().vocab_size);
  end = std::min(end, first_logits + most_logits);
  const auto from = static_cast<size_t>(begin), size = static_cast<size_t>(end - begin);
  Feed feed;
  feed.sequence = request.sequence;
  feed.ids = std::span(request.input.ids).subspan(from, size);
  for (size_t axis = 0; axis < 3; ++axis) {
    const std::vector<int32_t>& positions = request.input.positions[axis];
    if (!positions.empty()) feed.positions[axis] = std::span(positions).subspan(from, size);
  }
  feed.num_logits = std::max<int64_t>(0, end - first_logits);
  feeds.tokens_left -= end - begin;
  feeds.feeds.push_back(feed);
  feeds.sources.push_back({&request, 0, end});
}

// Those that stand in the chunks of this step, in one pass of the tower.
void Scheduler::encode_images(Feeds& feeds) {
  const auto each_image = [&](const auto& use) {
    for (size_t i = 0; i < feeds.feeds.size(); ++i) {
      const Source& source = feeds.sources[i];
      const std::vector<ImageSpan>& spans = source.request->tokens.images;
      for (size_t k = 0; source.end > 0 && k < spans.size(); ++k) {
        if (spans[k].begin < source.request->num_read || spans[k].end > source.end) continue;
        use(i, spans[k].hash, *source.request->input.images[k]);
      }
    }
  };
  std::vector<HashedImage> images;
  each_image([&](size_t, const std::string& hash, const image::PatchGrid& image) {
    images.push_back({hash, &image});
  });
  const std::map<std::string, SharedFeatures> features = features_by_hash(images);
  feeds.images.resize(feeds.feeds.size());
  each_image([&](size_t i, const std::string& hash, const image::PatchGrid&) {
    feeds.images[i].push_back(features.at(hash));
  });
  for (size_t i = 0; i < feeds.feeds.size(); ++i) feeds.feeds[i].images = feeds.images[i];
}

// Those that are not kept are encoded in one pass of the tower.
std::map<std::string, SharedFeatures> Scheduler::features_by_hash(
    std::span<const HashedImage> images) {
  std::map<std::string, SharedFeatures> features;
  std::vector<const image::PatchGrid*> fresh;
  std::vector<std::string> fresh_hashes;
  for (const auto& [hash, image] : images) {
    const auto [entry, is_new] = features.try_emplace(hash, nullptr);
    if (!is_new) continue;
    entry->second = features_.find(hash);
    if (entry->second) continue;
    fresh.push_back(image);
    fresh_hashes.push_back(hash);
  }
  if (fresh.empty()) return features;
  std::vector<SharedFeatures> encoded = engine_.encode(fresh);
  for (size_t i = 0; i < encoded.size(); ++i) {
    features_.keep(fresh_hashes[i], encoded[i]);
    features[fresh_hashes[i]] = std::move(encoded[i]);
  }
  return features;
}

std::vector<SharedFeatures> Scheduler::features_of(const prompt::ModelInput& prompt) {
  std::vector<HashedImage> images;
  for (const auto& image : prompt.images) images.push_back({patches_hash(*image), image.get()});
  const std::map<std::string, SharedFeatures> made = features_by_hash(images);
  std::vector<SharedFeatures> features;
  for (const HashedImage& image : images) features.push_back(made.at(image.hash));
  return features;
}

bool Scheduler::step() {
  in_step_ = true;
  num_submitted_in_step_ = 0;
  admit();
  Feeds feeds;
  feeds.tokens_left = options_.tokens_per_step;
  for (const auto& request : running_) {
    if (request->is_read()) add_decoding(*request, feeds);
  }
  for (const auto& request : running_) {
    if (!request->is_read() && feeds.tokens_left > 0) add_chunk(*request, feeds);
  }
  if (!feeds.feeds.empty()) {
    encode_images(feeds);
    const size_t together = runs_alone_ ? 1 : feeds.feeds.size();
    for (size_t begin = 0; begin < feeds.feeds.size(); begin += together) {
      const Logits logits = engine_.forward(std::span(feeds.feeds).subspan(begin, together));
      for (size_t i = 0; i < together; ++i) {
        take_logits(feeds.sources[begin + i], feeds.feeds[begin + i], logits, i);
      }
    }
    for (auto request = running_.begin(); request != running_.end();) {
      const auto current = request++;
      if (!is_done(**current)) continue;
      const std::unique_ptr<Request> done = std::move(*current);
      running_.erase(current);
      finish(*done);
    }
  }
  in_step_ = false;
  return !feeds.feeds.empty();
}

void Scheduler::take_logits(const Source& source, const Feed& feed, const Logits& logits,
                            size_t index) {
  Request& request = *source.request;
  if (source.end == 0) {
    request.replies[source.reply].builder->next(logits.of(index));
    return;
  }
  request.num_read = source.end;
  if (!request.is_scoring) {
    if (request.is_read()) begin_replies(request, logits.of(index));
    return;
  }
  for (int64_t row = 0; row < feed.num_logits; ++row) {
    const std::span<const float> logits_V = logits.of(index, row);
    const auto next = static_cast<size_t>(source.end - feed.num_logits + row + 1);
    if (next < request.input.ids.size()) {
      const auto id = static_cast<size_t>(request.input.ids[next]);
      request.score.log_probs.push_back(logits_V[id] - log_sum_exp(logits_V));
    } else {
      request.score.next_logits_V.assign(logits_V.begin(), logits_V.end());
    }
  }
}

void Scheduler::begin_replies(Request& request, std::span<const float> logits_V) {
  const GenerateRequest& generate = request.generate;
  for (size_t i = 0; i < generate.stream_ids.size(); ++i) {
    ReplyBuilder::OnDelta on_delta;
    if (generate.on_text) {
      on_delta = [&generate, i](std::string_view piece) { return generate.on_text(i, piece); };
    }
    Request::Growing reply;
    reply.sequence = i == 0 ? request.sequence : engine_.fork(request.sequence, request.num_read);
    reply.builder = std::make_unique<ReplyBuilder>(
        *tokenizer_, request.input.ids, end_ids_, generate.sampling, generate.stream_ids[i],
        generate.sampling.max_new_tokens, std::move(on_delta));
    request.replies.push_back(std::move(reply));
  }
  for (Request::Growing& reply : request.replies) reply.builder->next(logits_V);
}

bool Scheduler::is_done(const Request& request) {
  return request.is_read() &&
         std::all_of(request.replies.begin(), request.replies.end(),
                     [](const Request::Growing& reply) { return reply.builder->ended(); });
}

void Scheduler::finish(Request& request) {
  std::vector<Reply> replies;
  for (Request::Growing& reply : request.replies) {
    replies.push_back(reply.builder->take());
    if (reply.sequence != request.sequence) engine_.close(reply.sequence);
  }
  if (!replies.empty()) {
    const std::vector<int32_t>& grown = replies.front().ids;
    request.tokens.ids.insert(request.tokens.ids.end(), grown.begin(), grown.end());
  }
  // The last token of a reply was drawn and not read.
  request.tokens.ids.resize(static_cast<size_t>(engine_.length(request.sequence)));
  prefixes_.keep(request.sequence, std::move(request.tokens));
  if (request.is_scoring) {
    request.scoring.on_score(std::move(request.score));
  } else {
    request.generate.on_replies(std::move(replies));
  }
}

void Scheduler::run() {
  while (step()) {
  }
}

void Scheduler::abandon() {
  for (const auto& request : running_) {
    engine_.close(request->sequence);
    for (const Request::Growing& reply : request->replies) {
      if (reply.sequence != request->sequence) engine_.close(reply.sequence);
    }
  }
  running_.clear();
  waiting_.clear();
  prefixes_.clear();
  features_ = {};
  in_step_ = false;
}

}  // namespace lmc::infer
