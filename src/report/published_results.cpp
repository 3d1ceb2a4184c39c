#include "report/published_results.h"

#include "base/check.h"  // cat

namespace lmc::report {

namespace {

constexpr char kClean[] = "test_clean";
constexpr char kSecond[] = "test_2";
constexpr char kUnnamed[] = "2,000 rows, file not named";
constexpr char kUnclear[] = "file and rows not stated";

constexpr char kPaper[] = "arXiv 2605.09384, abstract";
constexpr char kThinker[] =
    "README of UCSC-VLAA/MedVLThinker (a3163b1), on the 2,000 rows of AdaptLLM's copy";
constexpr char kLingshu[] = "Lingshu, table 6, by MedEvalKit; quoted by others, not read there";
constexpr char kAgain[] =
    "run again with MedEvalKit by Leokuan0208/medvlthinker-imgdiff-compute; quoted";
constexpr char kHuatuo[] = "README of FreedomIntelligence/HuatuoGPT-Vision (a6476ac)";
constexpr char kFleming[] = "arXiv 2511.00916; quoted by others, not read there";
// Its track is taken for test_clean: it says "PMC-VQA-clean", and each result is a multiple of 1 in
// 2,000. Its row of Lingshu-32B is left out: four of the five results are those that Lingshu itself
// published, on test_2.
constexpr char kInfiMed2[] =
    "arXiv 2609.34798, table 1: PMC-VQA-clean, all models by its authors, thinking off";
constexpr char kInfiMed2Targets[] =
    "arXiv 2609.34798, table 3: the same 4B checkpoint, 20,000 questions, only the target differs";
constexpr char kHulu[] = "README of ZJUI-AI4H/Hulu-Med (35bb7f4), file not stated";
constexpr char kInfiMed[] = "model card of InfiX-ai/InfiMed-SFT-3B, by MedEvalKit";
constexpr char kQwen35[] = "qwen.ai/blog?id=qwen3.5, vision-language table; file not stated";
constexpr char kQwen35Corrected[] =
    "qwen.ai/blog?id=qwen3.5, as corrected there in March 2026 (41.2 % before); file not stated";
constexpr char kQwen35Medium[] = "llm-stats.com/benchmarks/pmc-vqa, as the Qwen team reported it";
constexpr char kQwen38[] =
    "qwen.ai/blog?id=qwen3.8, multimodal table, as transcribed by others; file not stated";
constexpr char kLetters[] =
    "gold letters of the file, counted by Leokuan0208/medvlthinker-imgdiff-compute";

constexpr PublishedResult kResults[] = {
    {"LiteMedCoT-VL 2B", kUnnamed, 0.649, kPaper},
    {"Qwen3-VL-4B, zero-shot", kUnnamed, 0.539, kPaper},
    {"Qwen3-VL-2B, zero-shot", kUnnamed, 0.487,
     "arXiv 2605.09384, full text, as quoted by Leokuan0208/medvlthinker-imgdiff-compute"},
    {"always the letter B", kClean, 0.319, kLetters},
    {"Lingshu-7B, answer without reasoning", kClean, 0.6225,
     "Leokuan0208/medvlthinker-imgdiff-compute, with another evaluator; quoted"},
    {"GPT-4o", kClean, 0.5855, kThinker},
    {"GPT-4o-mini", kClean, 0.5190, kThinker},
    {"Qwen2.5-VL-3B", kClean, 0.4477, kThinker},
    {"Qwen2.5-VL-7B", kClean, 0.4930, kThinker},
    {"Qwen2.5-VL-32B", kClean, 0.5328, kThinker},
    {"Gemma-3 4B", kClean, 0.4442, kThinker},
    {"Gemma-3 27B", kClean, 0.5205, kThinker},
    {"MedGemma 4B", kClean, 0.4273, kThinker},
    {"MedGemma 27B", kClean, 0.3675, kThinker},
    {"LLaVA-Med v1.5 7B", kClean, 0.3428, kThinker},
    {"HuatuoGPT-Vision 7B", kClean, 0.5339, kThinker},
    {"HuatuoGPT-Vision 34B", kClean, 0.5254, kThinker},
    {"MedVLThinker 3B, RL (m23k)", kClean, 0.4732, kThinker},
    {"MedVLThinker 7B, RL (m23k)", kClean, 0.5067, kThinker},
    {"MedVLThinker 32B, RL (m23k)", kClean, 0.5437, kThinker},
    {"MedVLThinker 3B, SFT (PMC-VQA, reasoning of GPT-4o)", kClean, 0.5455, kThinker},
    {"MedVLThinker 7B, SFT (PMC-VQA, reasoning of GPT-4o)", kClean, 0.5467, kThinker},
    {"MedVLThinker 3B, RL (PMC-VQA)", kClean, 0.5422, kThinker},
    {"MedVLThinker 7B, RL (PMC-VQA)", kClean, 0.5538, kThinker},
    {"MedVLThinker 7B, RL (m23k, then PMC-VQA)", kClean, 0.5637, kThinker},
    {"MedVLThinker 3B, SFT (text, m23k)", kClean, 0.2853, kThinker},
    {"MedVLThinker 7B, SFT (text, m23k)", kClean, 0.3458, kThinker},
    {"InfiMed2-4B", kClean, 0.6580, kInfiMed2},
    {"InfiMed2-27B", kClean, 0.6750, kInfiMed2},
    {"Hulu-Med 32B, run again", kClean, 0.6455, kInfiMed2},
    {"MedGemma 1.5 4B", kClean, 0.4775, kInfiMed2},
    {"Qwen3.5-4B", kClean, 0.6015, kInfiMed2},
    {"Qwen3.5-9B", kClean, 0.6260, kInfiMed2},
    {"Qwen3.5-27B", kClean, 0.6430, kInfiMed2},
    {"Gemma 4 31B", kClean, 0.6600, kInfiMed2},
    {"Gemini-3-Flash", kClean, 0.6975, kInfiMed2},
    {"Gemini-3-Pro", kClean, 0.7040, kInfiMed2},
    {"Claude Opus 4.7", kClean, 0.6715, kInfiMed2},
    {"GPT-5", kClean, 0.6730, kInfiMed2},
    {"4B trained on the answer alone", kClean, 0.6570, kInfiMed2Targets},
    {"4B trained on generated explanations", kClean, 0.5925, kInfiMed2Targets},
    {"4B trained on explanations selected by stability", kClean, 0.5920, kInfiMed2Targets},
    {"always the letter C", kSecond, 0.378, kLetters},
    {"InfiMed-SFT-3B", kSecond, 0.5322, kInfiMed},
    {"InfiMed-RL-3B", kSecond, 0.5874, kInfiMed},
    {"Lingshu-7B", kSecond, 0.563, kLingshu},
    {"Lingshu-7B", kSecond, 0.5427, kAgain},
    {"Lingshu-32B", kSecond, 0.579, kLingshu},
    {"Lingshu-32B", kSecond, 0.5518, kAgain},
    {"Lingshu-I-8B", kSecond, 0.558, kLingshu},
    {"GPT-4.1", kSecond, 0.552, kLingshu},
    {"HuatuoGPT-Vision 7B", kSecond, 0.533, kLingshu},
    {"Hulu-Med 7B", kUnclear, 0.668, kHulu},
    {"Hulu-Med 14B", kUnclear, 0.689, kHulu},
    {"Hulu-Med 32B", kUnclear, 0.694, kHulu},
    {"Qwen3-VL-235B-A22B", kUnclear, 0.561, kQwen35Corrected},
    {"Qwen3.5-397B-A17B", kUnclear, 0.642, kQwen35},
    {"Gemini-3 Pro", kUnclear, 0.623, kQwen35},
    {"GPT-5.2", kUnclear, 0.589, kQwen35},
    {"Claude 4.5 Opus", kUnclear, 0.599, kQwen35},
    {"Qwen3.5-27B", kUnclear, 0.624, kQwen35Medium},
    {"Qwen3.5-35B-A3B", kUnclear, 0.620, kQwen35Medium},
    {"Qwen3.5-122B-A10B", kUnclear, 0.633, kQwen35Medium},
    {"Qwen3.7-Plus", kUnclear, 0.634, kQwen38},
    {"Qwen3.8-Max", kUnclear, 0.662, kQwen38},
    {"LLaVA-Med 7B", kUnclear, 0.247, kHuatuo},
    {"LLaVA-1.6 34B", kUnclear, 0.444, kHuatuo},
    {"HuatuoGPT-Vision 7B", kUnclear, 0.543, kHuatuo},
    {"HuatuoGPT-Vision 34B", kUnclear, 0.582, kHuatuo},
    {"MedVInT, second version", kUnclear, 0.587, "xiaoman-zhang/PMC-VQA, issue 11"},
    {"Fleming-VL 8B", kUnclear, 0.643, kFleming},
    {"Fleming-VL 38B", kUnclear, 0.765, kFleming},
};

std::string listed(const char* words, const std::string& names) {
  return names.empty() ? "" : cat(words, " ", names);
}

// "above A, B; within C": where the result lies to the intervals of the runs of its track.
std::string place_among(const PublishedResult& result, const record::Comparison& comparison,
                        const std::vector<RunTrack>& tracks) {
  std::string above;
  std::string within;
  std::string below;
  for (size_t i = 0; i < comparison.runs.size() && i < tracks.size(); ++i) {
    if (tracks[i].name != result.track) continue;
    const auto& [low, high] = comparison.runs[i].overall.interval_95;
    std::string& names = result.accuracy > high ? above : result.accuracy < low ? below : within;
    names += cat(names.empty() ? "" : ", ", comparison.runs[i].name);
  }
  std::string text;
  for (const std::string& part :
       {listed("above", above), listed("within", within), listed("below", below)}) {
    if (!part.empty()) text += cat(text.empty() ? "" : "; ", part);
  }
  return text.empty() ? "no run on this track" : text;
}

}  // namespace

std::span<const PublishedResult> published_results() { return kResults; }

Table published_table(const record::Comparison& comparison, const std::vector<RunTrack>& tracks) {
  Table table{"published",
              "Published accuracies on PMC-VQA, each with its track and source",
              {{"model", {"model"}, true},
               {"track", {"track"}, true},
               {"accuracy", {"accuracy"}},
               {"to the 95 % intervals of runs on this track", {"place"}, true},
               {"source", {"source"}, true}},
              {}};
  for (const PublishedResult& result : kResults) {
    table.rows.push_back(
        {text_cell(result.model), text_cell(result.track), percent_cell(result.accuracy),
         text_cell(place_among(result, comparison, tracks)), text_cell(result.source)});
  }
  return table;
}

}  // namespace lmc::report
