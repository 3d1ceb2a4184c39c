#include "reading/reply_turns.h"

#include <algorithm>
#include <cctype>
#include <string>

#include "base/ascii_case.h"      // lower_case
#include "reading/reply_words.h"  // is_answer_line

namespace lmc::reading {

namespace {

struct Line {
  size_t begin = 0;
  std::string_view text;  // without its break
};

std::vector<Line> lines_of(std::string_view text) {
  std::vector<Line> lines;
  for (size_t begin = 0; begin <= text.size();) {
    const size_t end = std::min(text.find('\n', begin), text.size());
    lines.push_back({begin, text.substr(begin, end - begin)});
    begin = end + 1;
  }
  return lines;
}

bool is_blank(std::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return std::isspace(static_cast<unsigned char>(c)) != 0; });
}

// The line in lower case from its first letter, digit or bracket on, without emphasis.
std::string heading_of(std::string_view line) {
  constexpr size_t kMaxLength = 40;
  std::string heading;
  for (const char c : line) {
    if (std::string_view("*_#>`\r").find(c) != std::string_view::npos) continue;
    if (heading.empty() && std::isspace(static_cast<unsigned char>(c)) != 0) continue;
    heading += lower_case(c);
    if (heading.size() == kMaxLength) break;
  }
  return heading;
}

// "Question:", "question 2.", "q3)", "next question", and "### Question" as a heading.
bool is_question(std::string_view heading, std::string_view line) {
  if (heading.starts_with("question") && is_blank(heading.substr(8))) {
    return line.starts_with("#") || line.starts_with("**");
  }
  for (const std::string_view word :
       {"next question", "new question", "another question", "follow-up question",
        "followup question", "here is another", "here's another"}) {
    if (heading.starts_with(word)) return true;
  }
  for (const std::string_view word : {"question", "q"}) {
    if (!heading.starts_with(word)) continue;
    size_t i = word.size();
    while (i < heading.size() && (heading[i] == ' ' || heading[i] == '#')) ++i;
    const size_t number = i;
    while (i < heading.size() && std::isdigit(static_cast<unsigned char>(heading[i])) != 0) ++i;
    const bool numbered = i > number;
    while (i < heading.size() && heading[i] == ' ') ++i;
    if (i == heading.size()) return numbered;
    return heading[i] == ':' || (numbered && (heading[i] == '.' || heading[i] == ')'));
  }
  return false;
}

// Headings that open another task only between two answer lines: "Problem:", "Case 2:", "2. Which
// organ ...?", "Follow-up: ...?"
bool may_open_task(std::string_view heading, std::string_view line) {
  const auto is_colon = [](std::string_view rest) {
    return rest.starts_with(":") || rest.starts_with("\xEF\xBC\x9A");
  };
  for (const std::string_view word :
       {"problem", "exercise", "quiz", "task", "case", "image", "follow-up", "follow up",
        "question", "sample question", "example", "pregunta", "frage", "pergunta", "domanda",
        "\xE9\x97\xAE\xE9\xA2\x98", "\xE9\xA2\x98\xE7\x9B\xAE",
        "\xE4\xB8\x8B\xE4\xB8\x80\xE9\xA2\x98"}) {
    if (!heading.starts_with(word)) continue;
    std::string_view rest = heading.substr(word.size());
    while (!rest.empty() && (rest[0] == ' ' || std::isdigit(static_cast<unsigned char>(rest[0])))) {
      rest.remove_prefix(1);
    }
    if (is_colon(rest)) return true;
  }
  if (heading.starts_with("\xE7\xAC\xAC")) {  // "number 2:", as Chinese counts questions
    const size_t title = heading.find("\xE9\xA2\x98");
    return title != heading.npos && is_colon(heading.substr(title + 3));
  }
  size_t i = heading.starts_with("(") ? 1 : 0;
  const size_t number = i;
  while (i < heading.size() && std::isdigit(static_cast<unsigned char>(heading[i])) != 0) ++i;
  const bool numbered =
      i > number && i < heading.size() && (heading[i] == '.' || heading[i] == ')');
  const size_t last = line.find_last_not_of(" \t\r*");
  return numbered && last != line.npos && line[last] == '?';
}

size_t role_length(std::string_view heading, std::initializer_list<std::string_view> roles) {
  for (const std::string_view role : roles) {
    if (heading.starts_with(role)) return role.size();
  }
  return 0;
}

// Whether the line asks, and the next ones that are not blank are headed A and B.
bool asks_with_options(const std::vector<Line>& lines, size_t i) {
  std::string_view text = lines[i].text;
  while (!text.empty() &&
         (std::isspace(static_cast<unsigned char>(text.back())) != 0 || text.back() == '*')) {
    text.remove_suffix(1);
  }
  if (!text.ends_with("?")) return false;
  char expected = 'a';
  for (size_t k = i + 1; k < lines.size() && expected < 'c'; ++k) {
    if (is_blank(lines[k].text)) continue;
    const std::string heading = heading_of(lines[k].text);
    if (heading.starts_with("options") || heading.starts_with("choices")) continue;
    const size_t at =
        heading.starts_with("(") || heading.starts_with("- ") ? heading.find(expected) : 0;
    if (at > 2 || at + 1 >= heading.size() || heading[at] != expected ||
        std::string_view(".):").find(heading[at + 1]) == std::string_view::npos) {
      return false;
    }
    ++expected;
  }
  return expected == 'c';
}

// The index of the first or last answer line; of no line: the number of lines, or 0.
size_t answer_line_of(const std::vector<Line>& lines, bool first) {
  size_t found = first ? lines.size() : 0;
  for (size_t i = 0; i < lines.size(); ++i) {
    if (!is_answer_line(lines[i].text)) continue;
    found = i;
    if (first) break;
  }
  return found;
}

}  // namespace

std::vector<Turn> turns_of(std::string_view text) {
  std::vector<Turn> turns;
  const std::vector<Line> lines = lines_of(text);
  const size_t first_answer = answer_line_of(lines, true);
  const size_t last_answer = answer_line_of(lines, false);
  for (size_t i = 0; i < lines.size(); ++i) {
    const Line& line = lines[i];
    const size_t end = line.begin + line.text.size();
    // Tokens that end a turn stand anywhere.
    for (const std::string_view token :
         {"<|im_end|>", "<|endoftext|>", "<|eot_id|>", "<|end|>", "</s>", "<eos>", "<end_of_turn>",
          "<|im_start|>user", "<|user|>", "[INST]"}) {
      const size_t at = line.text.find(token);
      if (at != line.text.npos) {
        turns.push_back({Turn::Kind::kUser, line.begin + at, line.begin + at + token.size()});
      }
    }
    const std::string heading = heading_of(line.text);
    if (role_length(heading, {"user:", "human:", "user\xEF\xBC\x9A", "instruction:", "### human",
                              "inst:"}) > 0 ||
        heading == "user" || heading == "human") {
      turns.push_back({Turn::Kind::kUser, line.begin, end});
    } else if (role_length(heading, {"assistant:", "ai:", "assistant\xEF\xBC\x9A",
                                     "<|im_start|assistant", "<|assistant|"}) > 0) {
      const size_t colon = line.text.find(':');
      turns.push_back({Turn::Kind::kAssistant, line.begin,
                       colon == line.text.npos ? end : line.begin + colon + 1});
    } else if (is_question(heading, line.text) ||
               (i > first_answer && i < last_answer && may_open_task(heading, line.text))) {
      turns.push_back({Turn::Kind::kQuestion, line.begin, end});
    } else if (asks_with_options(lines, i)) {
      turns.push_back({Turn::Kind::kOptions, line.begin, end});
    }
  }
  std::stable_sort(turns.begin(), turns.end(),
                   [](const Turn& a, const Turn& b) { return a.begin < b.begin; });
  return turns;
}

std::string_view own_turn(std::string_view text, bool (*answers)(std::string_view, const void*),
                          const void* context) {
  size_t begin = 0;
  bool repeats_prompt = false;
  constexpr int kMaxTurns = 16;  // each is a reading of what stands before it
  int read = 0;
  for (const Turn& turn : turns_of(text)) {
    if (turn.begin < begin) continue;
    const std::string_view before = text.substr(begin, turn.begin - begin);
    if (is_blank(before)) {
      repeats_prompt = repeats_prompt || turn.kind == Turn::Kind::kUser;
      if (turn.kind == Turn::Kind::kAssistant) {
        begin = turn.end;
        repeats_prompt = false;
      }
      continue;
    }
    if (turn.kind == Turn::Kind::kAssistant && repeats_prompt) {
      begin = turn.end;
      repeats_prompt = false;
      continue;
    }
    if (repeats_prompt) continue;
    if (turn.kind == Turn::Kind::kUser) return before;
    if (++read > kMaxTurns) break;
    if (answers(before, context)) return before;
  }
  return text.substr(begin);
}

}  // namespace lmc::reading
