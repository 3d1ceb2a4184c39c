#include "base/device_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <functional>

#include "base/check.h"  // InputError

namespace lmc {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

class DeviceFileTest : public testing::Test {
 protected:
  DeviceFileTest() { make_folder(folder_); }
  ~DeviceFileTest() override { std::filesystem::remove_all(folder_); }

  std::string write(const std::string& name = "m.lmcd") const {
    const std::string path = folder_ + "/" + name;
    DeviceFileWriter writer(path);
    writer.add_file("config.json", "{}");
    writer.begin_tensor({"w", "f32", {2, 3}, 32});
    const std::string values(24, 'v');
    writer.write(std::as_bytes(std::span(values).first(10)));
    writer.write(std::as_bytes(std::span(values).subspan(10)));
    writer.begin_tensor({"b", "bf16", {5}, 0});
    writer.write(std::as_bytes(std::span(values).first(10)));
    writer.add_file("quality.json", "");
    writer.finish({{"made_by", "a test"}});
    return path;
  }

  // The error that opening a changed file gives.
  std::string error_after(const std::function<void(std::string&)>& change,
                          bool verifies = false) const {
    std::string bytes = read_file(write());
    change(bytes);
    const std::string path = folder_ + "/changed.lmcd";
    write_file(path, bytes);
    try {
      const DeviceFile file(path);
      if (verifies) file.verify();
    } catch (const InputError& error) {
      EXPECT_EQ(std::string(error.what()).find('\n'), std::string::npos);
      return error.what();
    }
    return "no error";
  }

  const std::string folder_ = testing::TempDir() + cat("lmc_device_file_", ::getpid());
};

TEST_F(DeviceFileTest, GivesBackWhatWasWritten) {
  const std::string path = write();
  EXPECT_TRUE(DeviceFile::is_one(path));
  EXPECT_FALSE(DeviceFile::is_one(folder_));
  const DeviceFile file(path);
  EXPECT_EQ(file.find("config.json"), "{}");
  EXPECT_EQ(file.find("quality.json"), "");
  EXPECT_EQ(file.find("tokenizer.json"), std::nullopt);
  EXPECT_THAT(file.file_names(), ElementsAre("config.json", "quality.json"));
  EXPECT_EQ(file.metadata().at("made_by"), "a test");
  const DeviceTensor& tensor = file.tensors().at("w");
  EXPECT_EQ(tensor.info.form, "f32");
  EXPECT_THAT(tensor.info.shape, ElementsAre(2, 3));
  EXPECT_EQ(tensor.info.group, 32);
  EXPECT_EQ(tensor.bytes.size(), 24u);
  EXPECT_EQ(reinterpret_cast<uintptr_t>(tensor.bytes.data()) % 4096, 0u);
  EXPECT_EQ(file.tensors().at("b").info.group, 0);
  file.verify();
}

TEST_F(DeviceFileTest, SmallFilesCanBeAddedLater) {
  const std::string from = write(), to = folder_ + "/more.lmcd";
  add_files(from, to, {{"quality.json", "{\"kl\": 0}"}, {"calibration.json", "{}"}});
  const DeviceFile file(to);
  file.verify();
  EXPECT_THAT(file.file_names(), ElementsAre("calibration.json", "config.json", "quality.json"));
  EXPECT_EQ(file.find("quality.json"), "{\"kl\": 0}");
  EXPECT_EQ(file.tensors().at("w").info.group, 32);
  EXPECT_EQ(file.metadata().at("made_by"), "a test");
}

TEST_F(DeviceFileTest, CutAnywhereIsRefusedWhenItIsOpened) {
  const size_t size = read_file(write()).size();
  for (size_t keep : {size_t{9}, size_t{64}, size_t{127}, size_t{128}, size_t{4096}, size / 2,
                      size - 64, size - 1}) {
    EXPECT_THAT(error_after([&](std::string& bytes) { bytes.resize(keep); }),
                HasSubstr("cut short or damaged"))
        << keep;
  }
  EXPECT_THAT(error_after([](std::string& bytes) { bytes.clear(); }),
              HasSubstr("expected a device file"));
}

TEST_F(DeviceFileTest, AnotherVersionIsCalledByItsNumber) {
  EXPECT_THAT(error_after([](std::string& bytes) { bytes[8] = 7; }),
              HasSubstr("version 7; this program reads version 1"));
}

TEST_F(DeviceFileTest, EveryFlippedByteThatCountsIsFound) {
  const std::string whole = read_file(write());
  const DeviceFile file(folder_ + "/m.lmcd");
  const auto* begin = reinterpret_cast<const std::byte*>(file.tensors().at("w").bytes.data());
  const size_t at = 4096;  // the first tensor
  ASSERT_EQ(whole.substr(at, 24), std::string(24, 'v'));
  ASSERT_NE(begin, nullptr);
  const auto flip = [](size_t place) {
    return [place](std::string& bytes) { bytes[place] = static_cast<char>(bytes[place] ^ 4); };
  };
  EXPECT_EQ(error_after(flip(at)), "no error");  // not looked at when it is opened
  EXPECT_THAT(error_after(flip(at), true), HasSubstr("tensor \"w\""));
  EXPECT_THAT(error_after(flip(64), true), HasSubstr("file \"config.json\""));
  // Directory and tail.
  for (size_t place = whole.find("{\"metadata"); place < whole.size(); place += 7) {
    const bool is_padding = place >= whole.size() - 16 && place < whole.size() - 8;
    if (!is_padding) EXPECT_NE(error_after(flip(place)), "no error") << place;
  }
}

TEST_F(DeviceFileTest, AReaderThatFindsADamagedSmallFileSaysSo) {
  std::string bytes = read_file(write());
  bytes[64] = '[';
  write_file(folder_ + "/x.lmcd", bytes);
  const DeviceFile file(folder_ + "/x.lmcd");
  EXPECT_THROW(file.find("config.json"), InputError);
}

}  // namespace
}  // namespace lmc
