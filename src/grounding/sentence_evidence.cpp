#include "grounding/sentence_evidence.h"

#include <algorithm>
#include <map>
#include <numeric>
#include <utility>

#include "base/interrupt.h"             // Interrupted
#include "base/parallel.h"              // parallel_for
#include "grounding/image_condition.h"  // flat_image, low_pass
#include "infer/engine.h"               // Engine
#include "infer/score.h"                // score
#include "reading/sentences.h"          // sentences

namespace lmc::grounding {

namespace {

constexpr uint8_t kGrey = 128;

// A reply as its tokens spell it, and the tokens of each of its sentences. Those of blanks between
// two sentences belong to none.
struct Tokens {
  std::vector<int32_t> ids;
  std::string text;
  std::vector<reading::TextSpan> sentences;
  std::vector<infer::TokenRun> runs;
};

Tokens tokens_of(const std::string& reply, const text::Tokenizer& tokenizer) {
  Tokens tokens;
  tokens.ids = tokenizer.encode(reply, text::AddedTokens::kAsText);
  std::vector<size_t> ends;
  for (const int32_t id : tokens.ids) {
    tokens.text += tokenizer.token_bytes(id);
    ends.push_back(tokens.text.size());
  }
  size_t token = 0;
  for (const reading::TextSpan& sentence : reading::sentences(tokens.text)) {
    while (token < ends.size() && ends[token] <= sentence.begin) ++token;
    const size_t first = token;
    while (token < ends.size() && (token == 0 ? 0 : ends[token - 1]) < sentence.end) ++token;
    // None, when its only token began in the sentence before.
    if (token == first) continue;
    tokens.sentences.push_back(sentence);
    tokens.runs.push_back({static_cast<int64_t>(first), static_cast<int64_t>(token - first)});
  }
  return tokens;
}

double sum_over(const std::vector<double>& log_probs, const infer::TokenRun& run) {
  const auto first = log_probs.begin() + run.first;
  return std::accumulate(first, first + run.count, 0.0);
}

// The token log-probabilities of the reply with each of `count` images.
std::vector<std::vector<double>> score_with(const EvidenceModel& model, const Tokens& tokens,
                                            size_t count, const EvidenceOptions& options,
                                            const std::function<image::Image(size_t)>& image) {
  std::vector<std::vector<double>> all;
  const auto batch = static_cast<size_t>(options.batch);
  for (size_t begin = 0; begin < count; begin += batch) {
    std::vector<prompt::ModelInput> prompts(std::min(batch, count - begin));
    parallel_for(prompts.size(),
                 [&](size_t i) { prompts[i] = model.prompt_with(image(begin + i)); });
    for (infer::Score& score : model.score(std::move(prompts), tokens.ids)) {
      all.push_back(std::move(score.log_probs));
    }
    if (options.on_progress &&
        !options.on_progress(static_cast<int64_t>(all.size()), static_cast<int64_t>(count))) {
      throw Interrupted("stopped");
    }
  }
  return all;
}

std::vector<double> record::SentenceEvidence::*map_of(infer::RelevanceKind kind) {
  return kind == infer::RelevanceKind::kGradient ? &record::SentenceEvidence::gradient
                                                 : &record::SentenceEvidence::attention;
}

void add_relevance(const EvidenceModel& model, const image::Image& image, const Tokens& tokens,
                   record::ReplyEvidence& evidence) {
  if (model.kinds.empty()) return;
  prompt::ModelInput row = model.prompt_with(image);
  std::vector<infer::TokenRun> runs = tokens.runs;
  for (infer::TokenRun& run : runs) run.first += std::ssize(row.ids);
  prompt::append_text(tokens.ids, row);
  for (const infer::RelevanceKind kind : model.kinds) {
    std::vector<infer::Relevance> maps = model.relevance(kind, row, runs);
    for (size_t i = 0; i < maps.size(); ++i) {
      evidence.token_rows = maps[i].rows;
      evidence.token_columns = maps[i].columns;
      evidence.sentences[i].*map_of(kind) = std::move(maps[i].values);
    }
  }
}

}  // namespace

EvidenceModel evidence_model(infer::Engine& engine, const prompt::Processor& processor,
                             std::function<prompt::ModelInput(const image::Image&)> prompt_with) {
  EvidenceModel model{std::move(prompt_with), {}, {}, {}, processor};
  model.score = [&engine](std::vector<prompt::ModelInput> prompts,
                          const std::vector<int32_t>& continuation) {
    const std::vector<std::vector<int32_t>> same(prompts.size(), continuation);
    return infer::score(engine, prompts, same);
  };
  if (infer::Explainer* explainer = engine.explainer()) {
    for (const auto& [kind, name] : names_of(infer::RelevanceKind())) {
      if (explainer->tells(kind)) model.kinds.push_back(kind);
    }
    model.relevance = [&engine](infer::RelevanceKind kind, const prompt::ModelInput& row,
                                std::span<const infer::TokenRun> texts) {
      return infer::image_relevance(engine, kind, row, texts);
    };
  }
  return model;
}

record::ReplyEvidence sentence_evidence(const EvidenceModel& model, const image::Image& image,
                                        const std::string& reply,
                                        const std::vector<LabelledBox>& boxes,
                                        const EvidenceOptions& options) {
  const Tokens tokens = tokens_of(reply, model.processor.tokenizer());
  record::ReplyEvidence evidence;
  evidence.reply = tokens.text;
  if (tokens.runs.empty()) return evidence;
  if (options.occlusion) {
    const image::PreprocessOptions& how = model.processor.preprocess_options();
    const int64_t token_px = how.patch_size_px * how.merge_size;
    evidence.rows = options.grid > 0 ? options.grid : image.height_px / token_px;
    evidence.columns = options.grid > 0 ? options.grid : image.width_px / token_px;
  }
  const auto cells = static_cast<size_t>(evidence.rows * evidence.columns);
  const auto side_px = static_cast<double>(std::min(image.height_px, image.width_px));
  std::map<std::string, image::Image> in_place = {
      {"grey", flat_image({image.height_px, image.width_px}, kGrey)},
      {"blurred", low_pass(image, side_px / 8)}};
  if (options.another) in_place["another"] = *options.another;
  std::vector<const image::Image*> whole = {&image};
  for (const auto& [name, other] : in_place) whole.push_back(&other);
  const size_t images = whole.size();
  const auto with_each = score_with(model, tokens, images + cells, options, [&](size_t i) {
    if (i < images) return *whole[i];
    return masked(image, evidence.rows, evidence.columns, {i - images}, options.fill);
  });
  for (size_t s = 0; s < tokens.runs.size(); ++s) {
    record::SentenceEvidence sentence;
    sentence.begin = static_cast<int64_t>(tokens.sentences[s].begin);
    sentence.end = static_cast<int64_t>(tokens.sentences[s].end);
    sentence.tokens = tokens.runs[s].count;
    sentence.with_image = sum_over(with_each[0], tokens.runs[s]);
    size_t place = 1;
    for (const auto& [name, other] : in_place) {
      sentence.without[name] = sum_over(with_each[place++], tokens.runs[s]);
    }
    for (size_t cell = 0; cell < cells; ++cell) {
      sentence.occlusion.push_back(sentence.with_image -
                                   sum_over(with_each[images + cell], tokens.runs[s]));
    }
    for (const LabelledBox& box : boxes) {
      if (speaks_of(tokens.sentences[s].of(tokens.text), box.label)) {
        sentence.boxes.push_back(box.box);
      }
    }
    evidence.sentences.push_back(std::move(sentence));
  }
  add_relevance(model, image, tokens, evidence);
  return evidence;
}

}  // namespace lmc::grounding
