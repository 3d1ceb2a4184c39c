#include "serve/case_audit.h"

#include <utility>

#include "base/check.h"   // cat
#include "base/sha256.h"  // sha256_hex

namespace lmc::serve {

CaseAudit::CaseAudit(const std::string& path, bool keeps_words, const Json& model)
    : log_(path), keeps_words_(keeps_words) {
  log_.append("serving", {{"model", model}});
}

Json CaseAudit::asked(const CaseRequest& request) const {
  const std::string image = sha256_hex(request.image);
  Json asked = {{"image_sha256", image}};
  std::string all = cat(image, "\n", request.question);
  for (const auto& [letter, text] : request.options) all += cat("\n", letter, ". ", text);
  asked["question_sha256"] = sha256_hex(all);
  // How DICOM was shown; empty and 0: as the file itself has it.
  asked["window"] = request.view.window;
  asked["frame"] = request.view.frame;
  if (keeps_words_) asked["question"] = all.substr(image.size() + 1);
  return asked;
}

int64_t CaseAudit::answered(Json asked, const std::string& reply, const Json& answer) {
  asked["reply_sha256"] = sha256_hex(reply);
  if (keeps_words_) asked["reply"] = reply;
  for (const char* key : {"answer", "stated", "confidence", "calibrated", "set", "sure"}) {
    asked[key] = answer.at(key);
  }
  return log_.append("answered", asked);
}

int64_t CaseAudit::overridden(int64_t sequence, const std::string& answer) {
  return log_.append("overridden", {{"of", sequence}, {"answer", answer}});
}

}  // namespace lmc::serve
