// Any bytes as tokenizer.json: refused in one line, or any text becomes tokens that there are, and
// plain text comes back from them.
#include <cstdint>
#include <string>
#include <string_view>

#include "base/check.h"  // InputError
#include "file_on_disk.h"
#include "require.h"
#include "text/tokenizer.h"

namespace lmc {
namespace {

void check(std::string_view bytes) {
  static const FileOnDisk on_disk("tokenizer.json");
  on_disk.write(bytes);
  try {
    const text::Tokenizer tokenizer = text::Tokenizer::load(on_disk.folder());
    for (const auto added : {text::AddedTokens::kParse, text::AddedTokens::kAsText}) {
      const std::string text = "The <|im_end|> of it, 123\u00E9\n\t";
      const auto ids = tokenizer.encode(text, added);
      for (const int32_t id : ids) {
        FUZZ_REQUIRE(id >= 0 && id < tokenizer.size());
        FUZZ_REQUIRE(tokenizer.token_bytes(id).size() <= bytes.size());
      }
      tokenizer.decode(ids);
      tokenizer.decode(ids, true);
    }
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
