#include "infer/fake_engine.h"

#include <algorithm>
#include <utility>

#include "base/check.h"  // LMC_CHECK

namespace lmc::infer {

class FakeEngine::FakeSession : public Session {
 public:
  struct Row {
    prompt::ModelInput prompt;
    std::vector<int32_t> stepped;
  };

  FakeSession(FakeEngine& engine, std::vector<Row> rows)
      : engine_(engine), rows_(std::move(rows)), logits_BV_(rows_.size()) {}

  int64_t num_rows() const override { return static_cast<int64_t>(rows_.size()); }

  std::span<const float> logits(int64_t row) override {
    const auto i = static_cast<size_t>(row);
    LMC_CHECK(i < rows_.size(), "row ", row, " of ", rows_.size());
    logits_BV_[i] = engine_.next_logits_(rows_[i].prompt, rows_[i].stepped);
    LMC_CHECK(static_cast<int64_t>(logits_BV_[i].size()) == engine_.info_.vocab_size,
              logits_BV_[i].size(), " logits for a vocabulary of ", engine_.info_.vocab_size);
    return logits_BV_[i];
  }

  void step(std::span<const int32_t> token_per_row) override {
    LMC_CHECK(token_per_row.size() == rows_.size(), token_per_row.size(), " tokens for ",
              rows_.size(), " rows");
    for (size_t i = 0; i < rows_.size(); ++i) rows_[i].stepped.push_back(token_per_row[i]);
    engine_.rows_per_step_.push_back(num_rows());
  }

  std::unique_ptr<Session> select(std::span<const int64_t> rows) override {
    std::vector<Row> chosen;
    for (const int64_t row : rows) chosen.push_back(rows_.at(static_cast<size_t>(row)));
    return std::make_unique<FakeSession>(engine_, std::move(chosen));
  }

 private:
  FakeEngine& engine_;
  std::vector<Row> rows_;
  std::vector<std::vector<float>> logits_BV_;
};

FakeEngine::FakeEngine(int64_t vocab_size, NextLogits next_logits)
    : info_{"fake", "float32", "cpu", vocab_size, 0}, next_logits_(std::move(next_logits)) {}

FakeEngine::FakeEngine(int64_t vocab_size, const Script& script)
    : FakeEngine(vocab_size, NextLogits([vocab_size, script](const prompt::ModelInput& prompt,
                                                             std::span<const int32_t> stepped) {
                   const std::vector<int32_t> reply = script(prompt);
                   LMC_CHECK(!reply.empty(), "a script has at least an end token");
                   return logits_of(vocab_size, reply[std::min(stepped.size(), reply.size() - 1)]);
                 })) {}

std::unique_ptr<Session> FakeEngine::prefill(std::span<const prompt::ModelInput> rows) {
  std::vector<FakeSession::Row> fresh;
  for (const prompt::ModelInput& row : rows) {
    prompts_.push_back(row);
    fresh.push_back({row, {}});
  }
  rows_per_prefill_.push_back(static_cast<int64_t>(rows.size()));
  return std::make_unique<FakeSession>(*this, std::move(fresh));
}

std::vector<float> logits_of(int64_t vocab_size, int32_t token) {
  std::vector<float> logits_V(static_cast<size_t>(vocab_size), 0.0F);
  logits_V.at(static_cast<size_t>(token)) = 20.0F;
  return logits_V;
}

}  // namespace lmc::infer
