#include "client/endpoint_error.h"

#include <gtest/gtest.h>

namespace lmc::client {
namespace {

std::string error_of(std::string_view body) { return endpoint_error(body).value_or("(none)"); }

TEST(EndpointError, EveryForm) {
  for (const char* body : {
           R"({"error":{"message":"m","type":"t","param":null,"code":400}})",
           R"({"error":"m"})",
           R"({"object":"error","message":"m","type":"BadRequestError","code":400})",
           R"({"detail":"m"})",
           R"({"detail":[{"loc":["body","model"],"msg":"m","type":"missing"}]})",
           R"({"choices":[{"index":0,"error":{"code":502,"message":"m"}}]})",
           "data: {\"choices\":[]}\n\ndata: {\"error\":{\"message\":\"m\"}}\n\ndata: [DONE]\n\n",
           "error: {\"code\":500,\"message\":\"m\"}\n\n",
           R"([{"error":{"code":429,"message":"m","status":"RESOURCE_EXHAUSTED"}}])",
           R"({"success":false,"errors":[{"code":7003,"message":"m"}]})",
           R"({"detail":{"message":"m"}})",
           R"({"error":{"error":"m"}})",
           "\xEF\xBB\xBF{\"error\":{\"message\":\"m\"}}",
       }) {
    EXPECT_EQ(error_of(body), "m") << body;
  }
}

// The endpoint's words are better than none, whatever their form.
TEST(EndpointError, WithoutAMessage) {
  EXPECT_EQ(error_of(R"({"error":{"code":502,"type":"upstream"}})"),
            R"({"code":502,"type":"upstream"})");
  EXPECT_EQ(error_of(R"({"error":{"message":{"why":"m"}}})"), R"({"message":{"why":"m"}})");
}

TEST(EndpointError, OtherBodies) {
  for (const char* body : {"", "<html>502</html>", "[]", "{}", R"({"error":7})", R"({"error":{}})",
                           R"({"detail":[]})", R"({"choices":[1,{"error":1}]})", "data: 1\n\n",
                           R"({"choices":[{"message":{"content":"x"}}]})", R"([{},{}])",
                           R"({"error":""})", R"({"error":null,"choices":[]})"}) {
    EXPECT_EQ(error_of(body), "(none)") << body;
  }
}

}  // namespace
}  // namespace lmc::client
