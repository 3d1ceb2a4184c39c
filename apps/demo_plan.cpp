#include "apps/demo_plan.h"

#include <algorithm>

#include "base/check.h"        // cat
#include "record/run_files.h"  // questions_path, metrics_path

namespace lmc::apps {

namespace {

using Arguments = std::vector<std::string>;

// Chosen on the validation split from one grid, the same for both arms: docs/decisions/0003.
constexpr const char* kLearningRate = "0.004";
constexpr const char* kWarmup = "0.1";
constexpr const char* kEpochs = "6";
constexpr const char* kRank = "32";
constexpr const char* kAlpha = "64";

constexpr const char* kMaxNewTokens = "128";

// About what the steps take on two cores, in seconds. A call leaves what they took in steps.json.
constexpr double kStart = 0.5;  // of any step
constexpr double kImage = 0.003;
constexpr double kRow = 0.001;
constexpr double kExplanation = 0.02;
constexpr double kMap = 0.25;
constexpr int64_t kAsksOfGrounding = 5;  // the image, and the four changed ones
constexpr double kReport = 3;

double seconds_for(double each, int64_t count) {
  return kStart + each * static_cast<double>(count);
}

Arguments prepare(const std::string& out, const std::string& part) {
  return {"prepare",
          "--pmc-vqa",
          cat(out, "/data/", part, ".csv"),
          "--images",
          out + "/data/images",
          "--boxes",
          cat(out, "/data/", part, "_boxes.jsonl"),
          "--out",
          cat(out, "/questions/", part)};
}

std::string questions(const std::string& out, const std::string& part) {
  return record::questions_path(cat(out, "/questions/", part));
}

// One arm of the training: what the student learns to reply, and from which images.
struct Training {
  std::string title;
  std::string adapter;
  std::string target;
  double seconds_per_question = 0;
  bool shuffles_images = false;
};

const std::vector<Training> kTrainings = {
    {"train a student on the answers alone", "answer", "answer", 0.03},
    {"distil the reasoning into a student", "reasoning-answer", "reasoning-answer", 0.045},
    {"the same with every image beside another question: a blind student", "blind",
     "reasoning-answer", 0.045, true},
};

Arguments train(const std::string& out, const std::string& student, const Training& training) {
  Arguments arguments = {"train",
                         "--model",
                         student,
                         "--questions",
                         questions(out, "composite_train"),
                         "--explanations",
                         out + "/ledger.jsonl",
                         "--target",
                         training.target,
                         "--out",
                         cat(out, "/adapters/", training.adapter),
                         "--learning-rate",
                         kLearningRate,
                         "--warmup",
                         kWarmup,
                         "--epochs",
                         kEpochs,
                         "--rank",
                         kRank,
                         "--alpha",
                         kAlpha,
                         "--batch",
                         "32",
                         "--tokens-per-pass",
                         "8192",
                         "--show",
                         "0"};
  if (training.shuffles_images) arguments.emplace_back("--shuffle-pictures");
  return arguments;
}

// A run of the report, or of the check on single findings.
struct Evaluation {
  std::string name;
  std::string folder;
  std::string model;
  std::string adapter;
  std::string reply;  // "answer" or "reasoning"
  double seconds_per_question = 0;
  bool is_grounded = false;
  std::string part = "composite_test";
};

Arguments evaluate(const std::string& out, const Evaluation& run) {
  Arguments arguments = {
      "evaluate", "--model",          run.model,     "--questions", questions(out, run.part),
      "--reply",  run.reply,          "--name",      run.name,      "--batch",
      "64",       "--max-new-tokens", kMaxNewTokens, "--out",       cat(out, "/runs/", run.folder)};
  if (!run.adapter.empty()) {
    arguments.insert(arguments.end(), {"--adapter", cat(out, "/adapters/", run.adapter)});
  }
  return arguments;
}

std::string checkpoint(const DemoOptions& options, const std::string& name) {
  return (options.checkpoints.empty() ? LMC_PHANTOM_CHECKPOINTS : options.checkpoints) + "/" + name;
}

std::vector<Evaluation> evaluations(const DemoOptions& options) {
  const std::string student = checkpoint(options, "student");
  const std::string base = checkpoint(options, "base");
  const std::string teacher = checkpoint(options, "teacher");
  return {
      {"student, zero-shot, answer only", "student-answer", student, "", "answer", 0.006},
      {"student, zero-shot, reasoning", "student-reasoning", student, "", "reasoning", 0.016},
      {"larger base, zero-shot, answer only", "base-answer", base, "", "answer", 0.008},
      {"larger base, zero-shot, reasoning", "base-reasoning", base, "", "reasoning", 0.024},
      {"teacher", "teacher", teacher, "", "reasoning", 0.02},
      {"student, trained on answers", "trained-on-answers", student, "answer", "answer", 0.006},
      {"student, distilled with reasoning", "distilled", student, "reasoning-answer", "reasoning",
       0.014, true},
      {"blind student: the same, images shuffled", "blind", student, "blind", "reasoning", 0.014,
       true},
  };
}

// Does it look? Asked of the distilled student, and of the blind one, which must be found out.
Arguments ground(const DemoOptions& options, const Evaluation& run) {
  const std::string maps = std::to_string(std::min(options.maps, options.test));
  return {"ground",
          "--model",
          run.model,
          "--adapter",
          cat(options.out, "/adapters/", run.adapter),
          "--questions",
          questions(options.out, run.part),
          "--name",
          run.name,
          "--reply",
          run.reply,
          "--conditions",
          "grey",
          "absent",
          "shuffled",
          "patch-shuffled",
          "--shuffles",
          "1",
          "--limit",
          std::to_string(std::min(options.ground, options.test)),
          "--batch",
          "64",
          "--max-new-tokens",
          kMaxNewTokens,
          "--maps",
          maps,
          "--faithfulness",
          maps,
          "--sentences",
          std::to_string(std::min(options.maps, options.test) / 2),
          "--out",
          cat(options.out, "/runs/", run.folder, "-grounding")};
}

std::vector<Evaluation> single_checks(const DemoOptions& options) {
  std::vector<Evaluation> checks;
  for (const std::string name : {"student", "base"}) {
    const std::string model = checkpoint(options, name);
    checks.push_back({name + " on single findings, answer only", name + "-single-answer", model, "",
                      "answer", 0.008, false, "single_test"});
    checks.push_back({name + " on single findings, reasoning", name + "-single-reasoning", model,
                      "", "reasoning", 0.02, false, "single_test"});
  }
  return checks;
}

}  // namespace

std::vector<Field> DemoOptions::fields() {
  return {{"out", "folder of everything the demo makes", as_folder(&out)},
          {"checkpoints", "folder with student, base and teacher; default: those that came along",
           as_folder(&checkpoints)},
          {"train", "questions the teacher explains", &train, at_least(1)},
          {"test", "questions all runs are tested on", &test, at_least(1)},
          {"single-test", "single-finding questions that show what the bases perceive",
           &single_test, at_least(1)},
          {"ground", "test questions asked again with other images", &ground, at_least(1)},
          {"maps", "of those, questions with an occlusion map and with changed reasoning", &maps,
           at_least(0)}};
}

std::string demo_ready_file(const DemoOptions& options) { return options.out + "/teacher.url"; }

std::vector<std::string> demo_teacher_arguments(const DemoOptions& options) {
  return {"serve", "--model",      checkpoint(options, "teacher"), "--port", "0", "--max-batch",
          "64",    "--ready-file", demo_ready_file(options)};
}

std::vector<DemoStep> demo_steps(const DemoOptions& options) {
  const std::string& out = options.out;
  std::vector<DemoStep> steps;
  steps.push_back({"draw the phantom world",
                   {"phantom", "--out", out + "/data", "--train", std::to_string(options.train),
                    "--validation", "0", "--test", std::to_string(options.test), "--single-test",
                    std::to_string(options.single_test)},
                   false,
                   seconds_for(kImage, options.train + options.test + options.single_test)});
  for (const auto& [part, count] : {std::pair("composite_train", options.train),
                                    {"composite_test", options.test},
                                    {"single_test", options.single_test}}) {
    steps.push_back(
        {cat("read the table ", part), prepare(out, part), false, seconds_for(kRow, count)});
  }
  // The gold answer is withheld: an explanation counts when the teacher reaches it by itself.
  steps.push_back({"ask the teacher to explain the training questions",
                   {"teach", "--questions", questions(out, "composite_train"), "--model", "teacher",
                    "--mode", "reject", "--no-system-prompt", "--concurrency", "128",
                    "--max-tokens", kMaxNewTokens, "--out", out + "/ledger.jsonl"},
                   true,
                   seconds_for(kExplanation, options.train)});
  const std::string student = checkpoint(options, "student");
  for (const Training& training : kTrainings) {
    steps.push_back({training.title, train(out, student, training), false,
                     seconds_for(training.seconds_per_question, options.train)});
  }
  Arguments report = {"report"};
  for (const Evaluation& run : evaluations(options)) {
    steps.push_back({"test: " + run.name, evaluate(out, run), false,
                     seconds_for(run.seconds_per_question, options.test)});
    report.push_back(cat(out, "/runs/", run.folder));
  }
  for (const Evaluation& run : evaluations(options)) {
    if (!run.is_grounded) continue;
    const int64_t asks = kAsksOfGrounding * std::min(options.ground, options.test);
    steps.push_back({"ground: " + run.name, ground(options, run), false,
                     seconds_for(run.seconds_per_question, asks) +
                         kMap * static_cast<double>(std::min(options.maps, options.test))});
    report.push_back(steps.back().arguments.back());
  }
  for (const Evaluation& run : single_checks(options)) {
    steps.push_back({"test: " + run.name, evaluate(out, run), false,
                     seconds_for(run.seconds_per_question, options.single_test)});
    report.push_back(cat(out, "/runs/", run.folder));
  }
  for (const Training& training : kTrainings) {
    report.insert(report.end(),
                  {"--metrics", record::metrics_path(cat(out, "/adapters/", training.adapter))});
  }
  report.insert(
      report.end(),
      {"--questions", questions(out, "composite_test"), "--out", out + "/report.html", "--title",
       "Distilled reasoning in the phantom world", "--notice",
       "The images are synthetic and the models have a few million weights. This page shows that "
       "the pipeline does what it claims; it says nothing about medicine."});
  steps.push_back({"write the report", std::move(report), false, kReport});
  return steps;
}

}  // namespace lmc::apps
