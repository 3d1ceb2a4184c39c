// Any bytes as a safetensors file: refused in one line, or every tensor lies within the file, and
// the same tensors written anew are read as the same.
#include <cstdint>
#include <map>
#include <set>
#include <string_view>
#include <vector>

#include "base/check.h"  // InputError
#include "file_on_disk.h"
#include "require.h"
#include "tensorio/safetensors.h"

namespace lmc {
namespace {

using tensorio::SafetensorsFile;
using tensorio::TensorInfo;
using tensorio::TensorView;

bool same(const TensorView& a, const TensorView& b) {
  return a.info.dtype == b.info.dtype && a.info.shape == b.info.shape &&
         std::equal(a.bytes.begin(), a.bytes.end(), b.bytes.begin(), b.bytes.end());
}

void check_written_anew(const SafetensorsFile& file) {
  static const FileOnDisk other("again.safetensors");
  std::vector<TensorInfo> infos;
  for (const auto& [name, view] : file.tensors()) infos.push_back(view.info);
  tensorio::SafetensorsWriter writer(other.path(), infos, file.metadata());
  for (const auto& [name, view] : file.tensors()) writer.write(view.bytes);
  writer.finish();
  const SafetensorsFile again(other.path());
  FUZZ_REQUIRE(again.metadata() == file.metadata());
  FUZZ_REQUIRE(again.tensors().size() == file.tensors().size());
  for (const auto& [name, view] : file.tensors())
    FUZZ_REQUIRE(same(again.tensors().at(name), view));
}

void check(std::string_view bytes) {
  static const FileOnDisk on_disk("fuzz.safetensors");
  on_disk.write(bytes);
  try {
    const SafetensorsFile file(on_disk.path());
    size_t sum = 0;
    for (const auto& [name, view] : file.tensors()) {
      FUZZ_REQUIRE(name == view.info.name);
      FUZZ_REQUIRE(view.bytes.size() == static_cast<size_t>(view.info.num_bytes()));
      sum += view.bytes.size();
      unsigned last = 0;  // the last byte can be read
      if (!view.bytes.empty()) last = static_cast<unsigned>(view.bytes.back());
      FUZZ_REQUIRE(last < 256);
    }
    FUZZ_REQUIRE(sum <= bytes.size());
    check_written_anew(file);
  } catch (const InputError& error) {
    FUZZ_REQUIRE(std::string_view(error.what()).find('\n') == std::string_view::npos);
  }
}

}  // namespace
}  // namespace lmc

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* bytes, size_t size) {
  lmc::check({reinterpret_cast<const char*>(bytes), size});
  return 0;
}
