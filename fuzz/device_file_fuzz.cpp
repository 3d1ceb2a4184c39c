// Any bytes as a device file, and any text as the directory of one whose checksum is right: refused
// in one line, or every part lies within the file and can be read.
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

#include "base/check.h"        // InputError
#include "base/device_file.h"  // DeviceFile
#include "base/sha256.h"       // sha256_hex
#include "file_on_disk.h"
#include "require.h"

namespace lmc {
namespace {

constexpr size_t kHead = 64;
constexpr size_t kBody = 8192;

std::string with_directory(std::string_view directory) {
  std::string file("\x89LMCD\r\n\x1a", 8);
  file += std::string("\x01\0\0\0\0\0\0\0", 8);
  file.resize(kHead);
  file.resize(kHead + kBody, 'x');
  const uint64_t place[2] = {file.size(), directory.size()};
  file += directory;
  const std::string sum = sha256_hex(directory);
  std::string tail(64, '\0');
  std::memcpy(tail.data(), place, sizeof place);
  for (size_t i = 0; i < 32; ++i) {
    tail[16 + i] = static_cast<char>(std::stoi(sum.substr(2 * i, 2), nullptr, 16));
  }
  std::memcpy(tail.data() + 56, "LMCD end", 8);
  return file + tail;
}

void check(std::string_view bytes) {
  static const FileOnDisk on_disk("fuzz.lmcd");
  on_disk.write(bytes);
  try {
    const DeviceFile file(on_disk.path());
    for (const auto& [name, tensor] : file.tensors()) {
      FUZZ_REQUIRE(tensor.bytes.size() <= bytes.size());
      for (const int64_t side : tensor.info.shape) FUZZ_REQUIRE(side >= 0);
    }
    for (const std::string& name : file.file_names()) {
      try {
        FUZZ_REQUIRE(file.find(name).value().size() <= bytes.size());
      } catch (const InputError&) {  // its checksum
      }
    }
    file.verify();
  } catch (const InputError& error) {
    FUZZ_REQUIRE(std::string_view(error.what()).find('\n') == std::string_view::npos);
  }
}

}  // namespace
}  // namespace lmc

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* bytes, size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(bytes), size);
  lmc::check(input);
  lmc::check(lmc::with_directory(input));
  return 0;
}
