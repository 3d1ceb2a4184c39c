// A byte-level BPE tokenizer as its files describe it, before tables are made of it.
#pragma once

#include <cstdint>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

namespace lmc::text {

struct AddedToken {
  int32_t id = 0;
  std::string text;
  bool special = false;
};

struct TokenizerFiles {
  std::string where;                                        // the file that errors name
  std::unordered_map<std::string, int32_t> vocabulary;      // in GPT-2's printable alphabet
  std::vector<std::pair<std::string, std::string>> merges;  // best first, same alphabet
  std::vector<AddedToken> added;
};

// tokenizer.json if there is one, else vocab.json + merges.txt + tokenizer_config.json.
TokenizerFiles read_tokenizer_files(const std::string& folder);

}  // namespace lmc::text
