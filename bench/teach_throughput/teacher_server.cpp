// A teacher with a fixed number of slots and a fixed latency, and no model behind it: what a client
// makes of the slots is then the client's doing alone.
//
//   bench_teacher_server SLOTS LATENCY_MS [FAILING_PER_MILLE]
//
// POST .../chat/completions is answered after the latency with a completion of about 300 tokens
// that ends in the gold answer, where the request names it; what is over the slots gets 429 at
// once. GET /counts gives what it counted, GET /first the body of the first request it took. It
// prints its port and runs until its standard input ends.
#include <array>
#include <cstdlib>
#include <iostream>

#include "base/check.h"  // cat
#include "base/json.h"   // Json, to_text
#include "support/scripted_http_server.h"

namespace {

using lmc::cat;
using lmc::Json;
using lmc::to_text;
using lmc::tests::Script;
using lmc::tests::ScriptedHttpServer;

constexpr std::array kSentences = {
    "The figure is an axial computed tomography slice of the upper abdomen, taken in the portal "
    "venous phase, as the even enhancement of the liver and of the main portal vein shows.",
    "In the right lobe of the liver there is a round lesion of low density with a thin rim, well "
    "set off from the tissue around it and without visible septa or calcification.",
    "The gall bladder is thin-walled, the bile ducts are not dilated, and no free fluid is seen "
    "around the liver or in the space between liver and right kidney.",
    "The spleen is of normal size and enhances evenly; both kidneys take up contrast on both sides "
    "alike, and the pelvicalyceal systems are narrow.",
    "The vertebral body keeps its height, the cortical outline is unbroken, and there is no soft "
    "tissue mass beside it, which speaks against a process that starts from the bone.",
    "A vessel does not keep a round outline on neighbouring slices and would enhance as the aorta "
    "does at its side, which the lesion in question does not.",
    "The closest other option would need a solid part that enhances, or at least an irregular "
    "border towards the healthy tissue, and neither of the two can be made out here.",
    "Taken together, the place, the sharp border and the missing enhancement decide the question "
    "in favour of one option and leave the others without support in the picture."};

struct Counted {
  int64_t completions = 0;
  int64_t failed = 0;
  int64_t refused = 0;
  std::string first_body;
};

Script with_body(std::string body, int status = 200) {
  Script script;
  script.status = status;
  script.body = std::move(body);
  script.counts_as_slot = false;
  return script;
}

// The letter is behind the image, near the end of a long body.
char gold_in(const std::string& body) {
  constexpr std::string_view kMark = "The correct answer is ";
  const size_t at = body.rfind(kMark);
  return at == body.npos ? 'A' : body[at + kMark.size()];
}

Script completion(const std::string& request_body, int64_t number, int64_t latency_ms) {
  std::string text;
  for (size_t i = 0; i < kSentences.size(); ++i) {
    text += kSentences[(static_cast<size_t>(number) + i) % kSentences.size()];
    text += i + 1 < kSentences.size() ? " " : "\n\n";
  }
  text += cat("Answer: ", gold_in(request_body));
  Script script = with_body(to_text(
      {{"id", cat("chatcmpl-", number)},
       {"object", "chat.completion"},
       {"created", 1'700'000'000 + number},
       {"model", "bench-teacher"},
       {"choices",
        {{{"index", 0},
          {"message", {{"role", "assistant"}, {"content", text}, {"refusal", nullptr}}},
          {"logprobs", nullptr},
          {"finish_reason", "stop"}}}},
       {"usage", {{"prompt_tokens", 1100}, {"completion_tokens", 300}, {"total_tokens", 1400}}}}));
  script.delay = std::chrono::milliseconds(latency_ms);
  script.counts_as_slot = true;
  return script;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 3) {
    std::cerr << "usage: bench_teacher_server SLOTS LATENCY_MS [FAILING_PER_MILLE]\n";
    return 2;
  }
  const int64_t slots = std::atoll(argv[1]);
  const int64_t latency_ms = std::atoll(argv[2]);
  const int64_t failing_per_mille = argc > 3 ? std::atoll(argv[3]) : 0;
  const auto start = std::chrono::steady_clock::now();
  Counted counted;  // used on the server's thread alone
  ScriptedHttpServer* self = nullptr;
  ScriptedHttpServer server([&](const lmc::net::ServerRequest& request, int64_t) {
    const auto counts = self->counts();
    if (request.path == "/counts") {
      const std::chrono::duration<double> age = std::chrono::steady_clock::now() - start;
      return with_body(to_text(Json{{"seconds", age.count()},
                                    {"slot_seconds", counts.slot_seconds},
                                    {"in_flight", counts.in_flight},
                                    {"most_in_flight", counts.most_in_flight},
                                    {"completions", counted.completions},
                                    {"failed", counted.failed},
                                    {"refused", counted.refused},
                                    {"given_up", counts.given_up},
                                    {"connections", counts.connections}}));
    }
    if (request.path == "/first") return with_body(counted.first_body);
    if (!request.path.ends_with("/chat/completions")) return with_body("{}", 404);
    if (counts.in_flight >= slots) {
      ++counted.refused;
      return with_body(R"({"error":{"message":"all slots are busy"}})", 429);
    }
    if (counted.completions == 0) counted.first_body = request.body;
    // 389 is prime to 1000: each residue comes once in a thousand, and far from its neighbour.
    const int64_t taken = counted.completions + counted.failed;
    if (taken * 389 % 1000 >= 1000 - failing_per_mille) {
      ++counted.failed;
      Script failure = with_body(R"({"error":{"message":"scripted failure"}})", 500);
      failure.delay = std::chrono::milliseconds(latency_ms);
      failure.counts_as_slot = true;
      return failure;
    }
    return completion(request.body, counted.completions++, latency_ms);
  });
  self = &server;  // nobody knows the port before the next line
  std::cout << server.port() << std::endl;
  while (std::cin.get() != EOF) {
  }
  return 0;
}
