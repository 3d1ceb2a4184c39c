#include "teacher/prompt_texts.h"

#include <array>
#include <utility>

#include "base/check.h"            // InputError
#include "base/files.h"            // read_file, write_file
#include "base/sha256.h"           // sha256_hex
#include "base/utf8_edges.h"       // without_last_break
#include "teacher/judge_prompt.h"  // kJudgeSystemPrompt

namespace lmc::teacher {

namespace {

constexpr char kSystem[] =
    "You are an experienced physician who teaches how to read medical images. You see a figure "
    "from the medical literature and a multiple-choice question about it. Explain in three to "
    "eight short sentences how one arrives at the answer: first what the image shows that matters "
    "(modality, view, structures, findings and where they lie), then how these findings decide the "
    "question, and why the closest other options do not fit. Rely on what can be seen; do not "
    "invent findings, measurements or a patient's history. If a figure caption is given, let it "
    "guide your reading, but write as if you had the image alone: neither quote nor mention the "
    "caption. Write plain text without headings, lists or markdown.";

constexpr char kReject[] = "{task}";

constexpr char kRationalise[] =
    "{task}\n\nThe correct answer is {answer}. Reason towards it as if you had found it yourself, "
    "without saying that it was given.";

struct TextFile {
  const char* name;
  std::string PromptTexts::*text;
};

constexpr std::array<TextFile, 4> kFiles = {{{"system.txt", &PromptTexts::system},
                                             {"reject.txt", &PromptTexts::reject},
                                             {"rationalise.txt", &PromptTexts::rationalise},
                                             {"judge.txt", &PromptTexts::judge}}};

}  // namespace

const PromptTexts& default_prompt_texts() {
  static const PromptTexts texts{kSystem, kReject, kRationalise, std::string(kJudgeSystemPrompt)};
  return texts;
}

PromptTexts read_prompt_texts(const std::string& folder) {
  PromptTexts texts = default_prompt_texts();
  int found = 0;
  for (const TextFile& file : kFiles) {
    const std::string path = cat(folder, "/", file.name);
    if (!file_exists(path)) continue;
    texts.*file.text = without_last_break(read_file(path));
    ++found;
    const std::string& text = texts.*file.text;
    const bool asks = file.text == &PromptTexts::reject || file.text == &PromptTexts::rationalise;
    if (asks && text.find("{task}") == text.npos && text.find("{question}") == text.npos) {
      throw InputError(path, "neither {task} nor {question} stands in it",
                       "the teacher would not be asked anything");
    }
  }
  if (found == 0) {
    throw InputError(folder, "no system.txt, reject.txt, rationalise.txt or judge.txt is there",
                     "`teach --write-prompts DIR` writes the built-in ones");
  }
  return texts;
}

void write_prompt_texts(const std::string& folder) {
  make_folder(folder);
  for (const TextFile& file : kFiles) {
    const std::string path = cat(folder, "/", file.name);
    if (file_exists(path)) throw InputError(path, "the file exists and is not overwritten");
  }
  for (const TextFile& file : kFiles) {
    write_file(cat(folder, "/", file.name), default_prompt_texts().*file.text + "\n");
  }
}

Json to_json(const PromptTexts& texts) {
  const std::string all = to_text(Json{texts.system, texts.reject, texts.rationalise, texts.judge});
  return {{"system", texts.system},
          {"reject", texts.reject},
          {"rationalise", texts.rationalise},
          {"judge", texts.judge},
          {"sha256", sha256_hex(all)}};
}

std::string filled(std::string_view text, const std::map<std::string, std::string>& values) {
  std::string result;
  for (size_t i = 0; i < text.size();) {
    const size_t end = text[i] == '{' ? text.find('}', i) : text.npos;
    const auto value =
        end == text.npos ? values.end() : values.find(std::string(text.substr(i + 1, end - i - 1)));
    if (value == values.end()) {
      result += text[i++];
    } else {
      result += value->second;
      i = end + 1;
    }
  }
  return result;
}

}  // namespace lmc::teacher
