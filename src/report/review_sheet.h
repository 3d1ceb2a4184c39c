// A blinded review: a sample of a ledger as one HTML page on which people judge explanations.
//
// Half of the sample was accepted, half was rejected by a rule about its text; each rule has the
// same share as far as it has lines. Left out are replies that can be judged without reading a
// reasoning: truncated, empty, refused, no-answer, no-reasoning, wrong-answer. The page tells
// neither verdict, reason, teacher nor gold answer; <out without .html>.key.json does (the reader
// of the ratings needs it). The page works without a network, keeps what was entered in the
// browser, and saves it as ratings-<rater>-<sheet>.json.
// The same ledger, questions and options give the same page.
// Memory: ids and places of the explanations, the sampled texts, and the page with its images.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/fields.h"      // Field
#include "record/question.h"  // Question
#include "record/review.h"    // ReviewKey

namespace lmc::report {

constexpr int64_t kMaxSheetItems = 1000;  // a page with as many images still opens

struct ReviewSheetOptions {
  std::string questions;
  std::string explanations;  // the ledger
  std::string out;           // the page
  int64_t items = 50;
  int64_t seed = 0;
  std::string split;  // empty: all

  std::vector<Field> fields();
};

// What the page shows of an item.
struct SheetItem {
  record::Question question;
  std::string reasoning;
  std::string answer;  // the explanation's conclusion
};

struct ReviewSheetResult {
  std::string page;
  std::string key;
  std::string sheet;
  int64_t accepted = 0;  // items
  int64_t rejected = 0;
  int64_t items() const { return accepted + rejected; }
};

std::string summary(const ReviewSheetResult& result);

// Item k of `items` is number k + 1. `style` and scripts are part of the page.
std::string review_page(const std::string& sheet, const std::vector<SheetItem>& items);

// Errors: InputError for options and files, and when no explanation can be shown.
ReviewSheetResult write_review_sheet(const ReviewSheetOptions& options);

}  // namespace lmc::report
