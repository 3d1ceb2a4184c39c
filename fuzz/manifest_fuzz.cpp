// Any bytes as manifest.json: refused in one line, or a manifest that, written by us, is read as the
// same, has an identity, and can be compared with another.
#include <cstdint>
#include <string>
#include <string_view>

#include "base/check.h"  // InputError
#include "base/json.h"   // parse_json, to_text
#include "record/manifest.h"
#include "record/run_identity.h"
#include "require.h"

namespace lmc {
namespace {

void check(std::string_view bytes) {
  try {
    const record::Manifest manifest = record::manifest_from_json(parse_json(bytes, "fuzz"), "fuzz");
    record::text_option(manifest, "name");
    const Json written = record::to_json(manifest);
    const record::Manifest again = record::manifest_from_json(written, "again");
    FUZZ_REQUIRE(record::to_json(again) == written);
    FUZZ_REQUIRE(record::run_identity(again) == record::run_identity(manifest));
  } catch (const InputError& error) {
    const std::string_view line = error.what();
    FUZZ_REQUIRE(line.find('\n') == line.npos);
    FUZZ_REQUIRE(!line.starts_with("again"));
  }
}

}  // namespace
}  // namespace lmc

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* bytes, size_t size) {
  lmc::check({reinterpret_cast<const char*>(bytes), size});
  return 0;
}
