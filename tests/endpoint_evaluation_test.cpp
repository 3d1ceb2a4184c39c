// A model behind an endpoint is asked what the same model is asked here: the same replies come
// back, to evaluation and to grounding.
#include <gtest/gtest.h>

#include <cmath>
#include <map>
#include <nlohmann/json.hpp>
#include <sstream>

#include "support/run_program.h"
#include "support/served_model.h"

namespace lmc::tests {
namespace {

using nlohmann::json;

constexpr const char* kTeacher = LMC_SOURCE_DIR "/assets/phantom/teacher";

// Letter and reply by question, condition and variant.
std::map<std::string, std::string> replies(const std::string& path) {
  std::map<std::string, std::string> found;
  std::istringstream lines(read_bytes(path));
  for (std::string text; std::getline(lines, text);) {
    const json line = json::parse(text);
    std::string reply = line.value("reply", "");
    reply.erase(reply.find_last_not_of('\n') + 1);
    found[line["question_id"].get<std::string>() + " " + line.value("condition", "") + " " +
          std::to_string(line.value("variant", 0))] = line["letter"].get<std::string>() + reply;
  }
  return found;
}

// By question and letter.
std::map<std::string, double> letter_log_probabilities(const std::string& path) {
  std::map<std::string, double> found;
  std::istringstream lines(read_bytes(path));
  for (std::string text; std::getline(lines, text);) {
    const json line = json::parse(text);
    const json letters = line.value("letter_log_probability", json::object());
    for (const auto& [letter, value] : letters.items()) {
      found[line["question_id"].get<std::string>() + " " + letter] = value;
    }
  }
  return found;
}

TEST(EndpointEvaluation, IsThatOfTheModelBehindIt) {
  const TemporaryFolder folder;
  const auto run = [&](std::vector<std::string> arguments) {
    const ProgramResult result = run_program(arguments);
    ASSERT_EQ(result.exit_code, 0) << arguments[0] << ": " << result.err;
  };
  run({"phantom", "--out", folder.path("data"), "--train", "0", "--validation", "0", "--test", "6",
       "--single-test", "0"});
  run({"prepare", "--pmc-vqa", folder.path("data/composite_test.csv"), "--images",
       folder.path("data/images"), "--out", folder.path("q")});
  const std::vector<std::string> evaluate = {
      "evaluate", "--questions", folder.path("q/questions.jsonl"), "--max-new-tokens", "96"};
  const std::vector<std::string> ground = {
      "ground",       "--questions",    folder.path("q/questions.jsonl"),
      "--reply",      "reasoning",      "--max-new-tokens",
      "96",           "--shuffles",     "1",
      "--conditions", "grey",           "absent",
      "shuffled",     "patch-shuffled", "rotation",
      "caption"};
  const auto with = [](std::vector<std::string> arguments, const std::vector<std::string>& more) {
    arguments.insert(arguments.end(), more.begin(), more.end());
    return arguments;
  };
  run(with(evaluate, {"--model", kTeacher, "--out", folder.path("here")}));
  run(with(ground, {"--model", kTeacher, "--out", folder.path("here-g")}));
  {
    const ServedModel server(kTeacher, folder.path("url"));
    run(with(evaluate, {"--endpoint", server.url(), "--model", "teacher", "--top-log-probs", "20",
                        "--out", folder.path("there")}));
    run(with(ground,
             {"--endpoint", server.url(), "--model", "teacher", "--out", folder.path("there-g")}));
  }
  // What the endpoint tells of the letters, where all of them are among the likeliest tokens, is
  // what the model itself says at the same place, and " B" counts as B; a ledger keeps four
  // decimals.
  run(with(evaluate, {"--model", kTeacher, "--mode", "reasoned-likelihood", "--out",
                      folder.path("weighed")}));
  const auto weighed = letter_log_probabilities(folder.path("weighed/answers.jsonl"));
  const auto told = letter_log_probabilities(folder.path("there/answers.jsonl"));
  ASSERT_EQ(weighed.size(), 6U * 4);
  ASSERT_GE(told.size(), 2U * 4);
  for (const auto& [letter, value] : told) {
    EXPECT_NEAR(std::exp(value), std::exp(weighed.at(letter)), 1e-4) << letter;
    EXPECT_GE(value, weighed.at(letter) - 1e-3) << letter;
  }
  const auto answers = replies(folder.path("here/answers.jsonl"));
  EXPECT_EQ(answers.size(), 6U);
  EXPECT_EQ(replies(folder.path("there/answers.jsonl")), answers);
  const auto probes = replies(folder.path("here-g/grounding.jsonl"));
  EXPECT_EQ(probes.size(), 6U * 9) << "real, grey, absent, shuffled, patches, 3 rotations, caption";
  EXPECT_EQ(replies(folder.path("there-g/grounding.jsonl")), probes);
}

}  // namespace
}  // namespace lmc::tests
