#include "grounding/probe_prompts.h"

#include <gtest/gtest.h>

#include <sstream>

#include "grounding/ground.h"      // ground
#include "grounding/test_world.h"  // WorldTest
#include "record/probe.h"          // probe_answer_from_json
#include "record/run_files.h"      // probes_path
#include "record/run_lines.h"      // read_run_log

namespace lmc::grounding {
namespace {

class ProbePromptsTest : public WorldTest {};

// As `evaluate` does; under another image it is that one's, and without a file there is none.
TEST_F(ProbePromptsTest, TheWindowOfADicomImageStandsWithTheAnswersToIt) {
  const std::string dicom = LMC_SOURCE_DIR "/tests/golden/dicom/four_frames.dcm";
  std::vector<record::Question> questions = write_questions(2);
  questions[0].image = dicom;
  questions[0].image_sha256 = sha256_hex(read_file(dicom));
  std::string lines;
  for (const auto& question : questions) lines += to_text(record::to_json(question)) + "\n";
  write_file(questions_path(), lines);
  GroundOptions options;
  options.questions = questions_path();
  options.out = folder_ + "/run";
  options.conditions = {"grey", "absent", "shuffled", "patch-shuffled", "rotation"};
  options.shuffles = 1;
  auto engine = looking_engine();
  std::ostringstream progress;
  ground(engine, processor_, options, {}, progress);
  int with = 0;
  for (const Json& line : record::read_run_log(record::probes_path(options.out))) {
    const record::ProbeAnswer probe = record::probe_answer_from_json(line, "line");
    const bool is_own = probe.answer.question_id == "q0";
    const bool shows_a_dicom =
        probe.condition == "shuffled"
            ? !is_own
            : is_own && probe.condition != "grey" && probe.condition != "absent";
    EXPECT_EQ(probe.answer.image_window, shows_a_dicom ? "2000,2500" : "")
        << probe.answer.question_id << " " << probe.condition;
    EXPECT_EQ(probe.answer.image_frame, shows_a_dicom ? 3 : 0);
    with += shows_a_dicom ? 1 : 0;
  }
  EXPECT_GE(with, 4);
}

}  // namespace
}  // namespace lmc::grounding
