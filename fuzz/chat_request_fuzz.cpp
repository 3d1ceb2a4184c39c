// Any bytes as the body of a chat request: refused with a status of the 400s, or within every limit.
#include <cmath>
#include <cstdint>
#include <string_view>

#include "require.h"
#include "serve/api_error.h"     // ApiError
#include "serve/chat_request.h"  // parse_chat_request

namespace lmc {
namespace {

void check(std::string_view body) {
  serve::ChatLimits limits;
  limits.max_new_tokens = 100;
  limits.max_images = 2;
  limits.max_image_bytes = 1000;
  try {
    const serve::ChatRequest chat = serve::parse_chat_request(body, limits);
    FUZZ_REQUIRE(!chat.messages.empty() || !chat.begun_reply.empty());
    FUZZ_REQUIRE(chat.images.size() <= 2);
    for (const std::string& image : chat.images) FUZZ_REQUIRE(image.size() <= 1000);
    const infer::SamplingOptions& sampling = chat.sampling;
    FUZZ_REQUIRE(sampling.max_new_tokens >= 1 && sampling.max_new_tokens <= 100);
    FUZZ_REQUIRE(std::isfinite(sampling.temperature) && sampling.temperature >= 0);
    FUZZ_REQUIRE(sampling.top_p > 0 && sampling.top_p <= 1);
    FUZZ_REQUIRE(sampling.top_k >= 0);
  } catch (const serve::ApiError& error) {
    FUZZ_REQUIRE(error.status >= 400 && error.status < 500);
    FUZZ_REQUIRE(std::string_view(error.what()).size() < 4000);
  }
}

}  // namespace
}  // namespace lmc

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* bytes, size_t size) {
  lmc::check({reinterpret_cast<const char*>(bytes), size});
  return 0;
}
