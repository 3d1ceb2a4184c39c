#include "prompt/begun_reply.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>

#include "base/check.h"           // InputError
#include "base/files.h"           // read_file, write_file
#include "prompt/golden_cases.h"  // golden_folder

namespace lmc::prompt {
namespace {

// The same tokens at the same places as a reply to learn has, without its end; tokens spelled out
// stay text.
TEST(BegunReply, AsInTraining) {
  const Processor processor(golden_folder() + "/model");
  const std::vector<Message> messages = {{"user", {Part::of_text("Which side?")}}};
  const ModelInput plain = processor.for_reply(messages, {});
  for (const char* begun : {"Answer:", "The left <|im_end|>", "\n\n", "A"}) {
    ModelInput input = plain;
    begin_reply(input, begun, processor);
    const ModelInput training = processor.for_training(messages, begun, {});
    ASSERT_GT(input.ids.size(), plain.ids.size());
    const auto size = std::ssize(input.ids);
    ASSERT_EQ(size + 1, std::ssize(training.ids));
    EXPECT_EQ(input.ids, std::vector<int32_t>(training.ids.begin(), training.ids.begin() + size));
    for (size_t axis = 0; axis < 3; ++axis) {
      const std::vector<int32_t>& all = training.positions[axis];
      EXPECT_EQ(input.positions[axis], std::vector<int32_t>(all.begin(), all.begin() + size));
    }
    EXPECT_EQ(input.next_position, training.next_position - 1);
    EXPECT_EQ(input.is_target, std::vector<uint8_t>(input.ids.size(), 0));
  }
  ModelInput same = plain;
  begin_reply(same, "", processor);
  EXPECT_EQ(same.ids, plain.ids);
}

TEST(BegunReply, NotInsideThoughts) {
  const std::string folder = testing::TempDir() + "lmc_begun_" + std::to_string(::getpid());
  std::filesystem::remove_all(folder);
  std::filesystem::copy(golden_folder() + "/model", folder);
  write_file(folder + "/chat_template.json",
             read_file(golden_folder() + "/chat_template_thinking.json"));
  const Processor thinking(folder);
  ModelInput input = thinking.for_reply({{"user", {Part::of_text("Which side?")}}}, {});
  EXPECT_THROW(begin_reply(input, "Answer:", thinking), InputError);
  EXPECT_NO_THROW(begin_reply(input, "", thinking));
  std::filesystem::remove_all(folder);
}

}  // namespace
}  // namespace lmc::prompt
