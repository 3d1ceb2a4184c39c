#include "spec/config_section.h"

#include <algorithm>
#include <iterator>

namespace lmc::spec {

namespace {

// What transformers writes into any configuration, of no influence on what this program computes:
// names, bookkeeping, and defaults of generation, which come from generation_config.json.
constexpr std::string_view kCommonKeys[] = {"model_type",
                                            "architectures",
                                            "dtype",
                                            "torch_dtype",
                                            "transformers_version",
                                            "use_cache",
                                            "initializer_range",
                                            "return_dict",
                                            "use_return_dict",
                                            "output_attentions",
                                            "output_hidden_states",
                                            "output_scores",
                                            "return_dict_in_generate",
                                            "id2label",
                                            "label2id",
                                            "problem_type",
                                            "finetuning_task",
                                            "task_specific_params",
                                            "tokenizer_class",
                                            "prefix",
                                            "torchscript",
                                            "chunk_size_feed_forward",
                                            "pretraining_tp",
                                            "max_length",
                                            "min_length",
                                            "do_sample",
                                            "early_stopping",
                                            "num_beams",
                                            "num_beam_groups",
                                            "diversity_penalty",
                                            "temperature",
                                            "top_k",
                                            "top_p",
                                            "typical_p",
                                            "repetition_penalty",
                                            "length_penalty",
                                            "no_repeat_ngram_size",
                                            "encoder_no_repeat_ngram_size",
                                            "num_return_sequences",
                                            "bad_words_ids",
                                            "suppress_tokens",
                                            "begin_suppress_tokens",
                                            "eos_token_ids"};

bool is_common_key(std::string_view key) {
  return key.starts_with("_") || key.starts_with("unsloth") || key.ends_with("_token_id") ||
         key.ends_with("_version") ||
         std::find(std::begin(kCommonKeys), std::end(kCommonKeys), key) != std::end(kCommonKeys);
}

}  // namespace

void Section::refuse_others(std::initializer_list<std::string_view> known) const {
  const auto is_known = [&](std::string_view key) {
    return is_common_key(key) || std::find(known.begin(), known.end(), key) != known.end();
  };
  refuse_unknown(json_, is_known, where_, path_,
                 "transformers' Qwen3-VL has no such setting; if it has no effect, remove it");
}

}  // namespace lmc::spec
