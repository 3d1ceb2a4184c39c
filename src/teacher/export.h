// Accepted explanations in the forms that other trainers read, as JSON Lines.
//
// kShareGpt ("sharegpt"):
//   {"id", "image": path, "images": [path], "conversations": [{"from": "human", "value":
//   "<image>\n..."}, {"from": "gpt", "value": ...}]}
//   LLaVA and LLaVA-CoT read `image`, LLaMA-Factory and ms-swift `images`. LLaVA's own loader wants
//   one JSON list: `jq -s . F.jsonl`.
// kMessages ("messages"):
//   {"id", "messages": [{"role": "user", "content": [{"type": "image"}, {"type": "text", "text":
//   ...}]}, {"role": "assistant", "content": [{"type": "text", ...}]}], "images": [path]}
//   what Hugging Face TRL documents for vision data sets (docs/source/dataset_formats.md, "Vision
//   datasets").
// The user's text is the student's own prompt, the reply what our student learns. Further accepted
// explanations of a question are lines of their own: id "<id>#2", ...
// The text of a question or reply that trainers would take for an image or for a token of the
// chat ("<image>", "<|im_end|>") is written with square brackets: "[image]", "[|im_end|]".
// Memory: ids and places of the explanations, not their texts.
// Threads: one.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/fields.h"  // Field

namespace lmc::teacher {

struct ExportOptions {
  std::string questions;
  std::string explanations;  // the ledger
  std::string out;
  std::string form = "sharegpt";  // or "messages"
  std::string split;              // empty: all
  std::string image_root;         // image paths are written relative to it; empty: absolute

  std::vector<Field> fields();
};

struct ExportResult {
  int64_t questions = 0;      // exported
  int64_t lines = 0;          // with further explanations
  int64_t rejected = 0;       // left out: not accepted
  int64_t other_split = 0;    // left out: accepted, of another split
  int64_t no_question = 0;    // explanations whose question is not in the file
  int64_t changed_texts = 0;  // lines in which tokens were put into square brackets
};

std::string summary(const ExportResult& result);

// In the order of the questions.
// Errors: InputError for options and files.
ExportResult export_explanations(const ExportOptions& options);

}  // namespace lmc::teacher
