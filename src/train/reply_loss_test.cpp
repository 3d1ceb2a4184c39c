#include "train/reply_loss.h"

#include <ATen/ops/randn.h>
#include <gtest/gtest.h>

#include <cmath>

namespace lmc::train {
namespace {

constexpr int64_t kWidth = 8, kVocabulary = 11;

TrainingInput sample() {
  TrainingInput made;
  made.input.ids = {1, 4, 2, 9, 10, 3, 3};
  made.weights = {0, 0, 1, 0.5F, 0, 2, 1};
  made.teacher = {{2, {2, 5, 7}, {std::log(0.5F), std::log(0.2F), std::log(0.1F)}},
                  // Not learnt, so it counts for nothing.
                  {4, {1}, {std::log(0.9F)}},
                  // The written token is not among the choices, and they leave nothing.
                  {5, {6, 8}, {std::log(0.75F), std::log(0.25F)}}};
  return made;
}

// The definition, token by token in double.
double by_hand(const TrainingInput& sample, const torch::Tensor& logits_NV, double share) {
  double sum = 0;
  for (size_t i = 1; i < sample.input.ids.size(); ++i) {
    std::vector<double> p(kVocabulary);
    double total = 0;
    for (int64_t v = 0; v < kVocabulary; ++v) {
      p[static_cast<size_t>(v)] =
          std::exp(logits_NV[static_cast<int64_t>(i) - 1][v].item<double>());
      total += p[static_cast<size_t>(v)];
    }
    for (double& one : p) one /= total;
    const double written = -std::log(p[static_cast<size_t>(sample.input.ids[i])]);
    double loss = written;
    for (const TeacherChoices& choices : sample.teacher) {
      if (choices.place != static_cast<int64_t>(i)) continue;
      double divergence = 0, teacher_tail = 1, student_tail = 1;
      for (size_t k = 0; k < choices.ids.size(); ++k) {
        const double t = std::exp(choices.log_probs[k]);
        const double s = p[static_cast<size_t>(choices.ids[k])];
        divergence += t * std::log(t / s);
        teacher_tail -= t;
        student_tail -= s;
      }
      if (teacher_tail > 1e-6) divergence += teacher_tail * std::log(teacher_tail / student_tail);
      loss = (1 - share) * written + share * divergence;
    }
    sum += sample.weights[i] * loss;
  }
  return sum;
}

class ReplyLoss : public ::testing::TestWithParam<double> {
 protected:
  void SetUp() override {
    at::manual_seed(1);
    hidden_ = at::randn({14, kWidth});
    head_ = at::randn({kVocabulary, kWidth});
  }
  // Loss and gradients by hidden states and head.
  std::vector<torch::Tensor> run(int64_t rows_per_chunk, bool trains_head) {
    const auto hidden = hidden_.clone().requires_grad_(true);
    const auto head = head_.clone().requires_grad_(trains_head);
    const TrainingInput one = sample();
    const std::vector<const TrainingInput*> both{&one, &one};
    const auto loss = reply_loss(
        hidden, head, both, {.rows_per_chunk = rows_per_chunk, .distillation_weight = GetParam()});
    (loss * 3).backward();
    return {loss.detach(), hidden.grad(), trains_head ? head.grad() : torch::Tensor()};
  }
  torch::Tensor hidden_, head_;
};

TEST_P(ReplyLoss, IsTheDefinition) {
  const auto logits = hidden_.matmul(head_.t()).to(torch::kFloat64);
  const TrainingInput one = sample();
  const double expected = by_hand(one, logits.narrow(0, 0, 7), GetParam()) +
                          by_hand(one, logits.narrow(0, 7, 7), GetParam());
  for (const int64_t rows : {0, 1, 3, 100}) {
    EXPECT_NEAR(run(rows, false)[0].item<double>(), expected, 1e-5 * expected) << rows;
  }
}

TEST_P(ReplyLoss, ChunksHaveTheGradientsOfPlainAutograd) {
  for (const bool trains_head : {false, true}) {
    const auto plain = run(0, trains_head);
    for (const int64_t rows : {1, 3, 100}) {
      const auto chunked = run(rows, trains_head);
      EXPECT_TRUE(chunked[1].allclose(plain[1], 1e-4, 1e-5));
      if (trains_head) {
        EXPECT_TRUE(chunked[2].allclose(plain[2], 1e-4, 1e-5));
      }
    }
  }
}

INSTANTIATE_TEST_SUITE_P(DistillationWeight, ReplyLoss, ::testing::Values(0.0, 0.6, 1.0));

}  // namespace
}  // namespace lmc::train
