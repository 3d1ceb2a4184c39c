#include <array>
#include <set>

#include "base/check.h"  // LMC_CHECK
#include "base/json.h"   // Json
#include "tensorio/safetensors.h"

namespace lmc::tensorio {

SafetensorsWriter::SafetensorsWriter(const std::string& path,
                                     const std::vector<TensorInfo>& tensors,
                                     const std::map<std::string, std::string>& metadata)
    : file_(path) {
  Json header = Json::object();
  if (!metadata.empty()) header["__metadata__"] = metadata;
  std::set<std::string> names{"__metadata__"};
  for (const TensorInfo& tensor : tensors) {
    LMC_CHECK(names.insert(tensor.name).second, "tensor name \"", tensor.name, "\" is taken");
    const int64_t end = expected_bytes_ + tensor.num_bytes();
    header[tensor.name] = {{"dtype", dtype_name(tensor.dtype)},
                           {"shape", tensor.shape},
                           {"data_offsets", {expected_bytes_, end}}};
    expected_bytes_ = end;
  }
  std::string text = to_text(header);
  // Blanks up to a multiple of 8, as the reference writer does: the data then begins aligned.
  text.resize((text.size() + 7) / 8 * 8, ' ');

  std::array<char, 8> size{};
  for (size_t i = 0; i < size.size(); ++i) size[i] = static_cast<char>(text.size() >> (8 * i));
  file_.write(std::string_view(size.data(), size.size()));
  file_.write(text);
}

void SafetensorsWriter::write(std::span<const std::byte> bytes) {
  written_bytes_ += static_cast<int64_t>(bytes.size());
  LMC_CHECK(written_bytes_ <= expected_bytes_, "announced ", expected_bytes_, " bytes, got ",
            written_bytes_);
  file_.write(bytes);
}

void SafetensorsWriter::finish() {
  LMC_CHECK(written_bytes_ == expected_bytes_, "announced ", expected_bytes_, " bytes, got ",
            written_bytes_);
  file_.commit();
}

}  // namespace lmc::tensorio
