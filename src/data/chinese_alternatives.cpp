#include "data/chinese_alternatives.h"

#include <algorithm>
#include <array>
#include <optional>
#include <span>

#include "base/ascii_case.h"  // lower_case
#include "data/clean_text.h"  // trim

namespace lmc::data {

namespace {

constexpr std::string_view kOr = "还是";
constexpr std::string_view kListComma = "、";
constexpr std::string_view kOf = "的";
constexpr size_t kMaxCharacters = 12;  // of one alternative

size_t num_characters(std::string_view text) {
  return static_cast<size_t>(std::count_if(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U;
  }));
}

std::string_view last_character(std::string_view text) {
  if (text.empty()) return text;
  size_t begin = text.size() - 1;
  while (begin > 0 && (static_cast<unsigned char>(text[begin]) & 0xC0U) == 0x80U) --begin;
  return text.substr(begin);
}

struct Behind {
  std::string_view word;
  std::string_view text;
};

// What stands behind the last of these words; nothing: none stands there.
std::optional<Behind> behind_last(std::string_view text, std::span<const std::string_view> words) {
  std::optional<Behind> best;
  for (const std::string_view word : words) {
    const size_t found = text.rfind(word);
    if (found == text.npos) continue;
    const std::string_view rest = text.substr(found + word.size());
    if (!best || rest.size() < best->text.size()) best = Behind{word, rest};
  }
  return best;
}

std::vector<std::string> split(std::string_view text, std::string_view mark) {
  std::vector<std::string> parts;
  for (size_t begin = 0;;) {
    const size_t end = text.find(mark, begin);
    parts.emplace_back(trim(text.substr(begin, end == text.npos ? end : end - begin)));
    if (end == text.npos) return parts;
    begin = end + mark.size();
  }
}

bool is_name(std::string_view text) {  // of a way to take images, or in Latin letters
  static constexpr std::array<std::string_view, 8> kNames = {"X光",  "X线", "核磁共振", "磁共振",
                                                             "超声", "B超", "核磁",     "X光片"};
  const auto is_ascii = [](char c) { return static_cast<unsigned char>(c) < 0x80; };
  return std::find(kNames.begin(), kNames.end(), text) != kNames.end() ||
         std::all_of(text.begin(), text.end(), is_ascii);
}

// Whether the last alternative, which nothing bounds on its right, is as long as the one before.
bool are_parallel(std::string_view first, std::string_view last) {
  return last_character(first) == last_character(last) ||
         num_characters(first) == num_characters(last) || (is_name(first) && is_name(last));
}

void drop_of(std::string& text) {
  if (text.ends_with(kOf)) text.resize(text.size() - kOf.size());
}

bool is_usable(const std::string& text) {
  if (text.empty() || num_characters(text) > kMaxCharacters) return false;
  for (const std::string_view word : {"哪", "什么", "吗", "，", ",", "或"}) {
    if (text.find(word) != text.npos) return false;
  }
  return true;
}

// The longest ending that all texts have, in whole characters.
std::string common_ending(const std::vector<std::string>& texts) {
  std::string ending;
  while (true) {
    const std::string_view rest =
        std::string_view(texts[0]).substr(0, texts[0].size() - ending.size());
    if (rest.empty()) return ending;
    const std::string longer = std::string(last_character(rest)) + ending;
    const auto has = [&](const std::string& text) {
      return text.size() > longer.size() && text.ends_with(longer);
    };
    if (!std::all_of(texts.begin(), texts.end(), has)) return ending;
    ending = longer;
  }
}

Alternatives match(std::vector<std::string> texts, std::string_view answer) {
  Alternatives found;
  if (!std::all_of(texts.begin(), texts.end(), is_usable)) return {{}, 0, kUnclearAlternatives};
  const std::string plain = lower_case(answer);
  // "T1" of "T1加权", "白色" of "白色的".
  for (const std::string& ending : {std::string(), common_ending(texts)}) {
    size_t num_equal = 0;
    for (size_t i = 0; i < texts.size(); ++i) {
      if (lower_case(texts[i]) != plain + lower_case(ending)) continue;
      found.gold = i;
      ++num_equal;
    }
    if (num_equal == 1) {
      found.texts = std::move(texts);
      return found;
    }
    if (num_equal > 1) return {{}, 0, kUnclearAlternatives};
  }
  found.problem = kOtherAnswer;
  return found;
}

// "图像显示的是CT、MRI还是X光"
Alternatives read_or(std::string_view question, size_t place, std::string_view answer) {
  static constexpr std::array<std::string_view, 16> kBefore = {
      "，", ",",    "：",   ":",    "是",   "在",   "为",     "于",
      "呈", "呈现", "显示", "表现", "为了", "图中", "图像中", "图片中"};
  if (question.find(kOr, place + 1) != question.npos) return {{}, 0, kUnclearAlternatives};
  const std::string_view left = question.substr(0, place);
  std::string last(trim(question.substr(place + kOr.size())));
  const auto list = behind_last(left, kBefore);
  std::vector<std::string> texts = split(list ? list->text : "", kListComma);
  if (texts.front().empty()) return {{}, 0, kUnclearAlternatives};
  // "在肝脏还是在脾脏"
  if (last.starts_with(list->word)) last.erase(0, list->word.size());
  drop_of(texts.back());
  drop_of(last);
  // "T1加权还是T2加权的图像": what follows is said of both.
  const size_t of = last.find(kOf);
  if (of != last.npos) {
    const std::string before = last.substr(0, of);
    if (last_character(before) != last_character(texts.back())) {
      return {{}, 0, kUnclearAlternatives};
    }
    last = before;
  }
  const bool is_answer = last == answer;
  const bool is_certain =
      is_answer || std::any_of(texts.begin(), texts.end(),
                               [&](const auto& one) { return are_parallel(one, last); });
  if (!is_certain) return {{}, 0, kUnclearAlternatives};
  texts.push_back(last);
  return match(std::move(texts), answer);
}

// "图中心脏、肺和肝脏哪个更大"
Alternatives read_which(std::string_view list, std::string_view answer) {
  static constexpr std::array<std::string_view, 7> kBefore = {"图中",   "图像中", "图片中", "片中",
                                                              "图像里", "，",     ","};
  static constexpr std::array<std::string_view, 4> kAnd = {"或者", "和", "与", "或"};
  if (const auto behind = behind_last(list, kBefore)) list = behind->text;
  size_t place = list.npos;
  std::string_view word;
  for (const std::string_view one : kAnd) {
    const size_t found = list.rfind(one);
    if (found == list.npos || (place != list.npos && found <= place)) continue;
    place = found;
    word = one;
  }
  if (place == list.npos) return {{}, 0, kNoAlternatives};
  std::vector<std::string> texts = split(list.substr(0, place), kListComma);
  texts.emplace_back(trim(list.substr(place + word.size())));
  // "左肺和右肺中": what is said of all, behind the last one.
  for (const std::string_view ending :
       {"中", "里", "内", "间", "里面", "相比", "大小", "体积", "区域", "密度", "面积"}) {
    if (texts.back().ends_with(ending)) return {{}, 0, kUnclearAlternatives};
  }
  for (const std::string& text : texts) {
    for (const std::string_view verb : {"是", "在", "和", "与", "的", "哪"}) {
      if (text.find(verb) != text.npos) return {{}, 0, kUnclearAlternatives};
    }
  }
  return match(std::move(texts), answer);
}

}  // namespace

Alternatives read_chinese_alternatives(std::string_view question, std::string_view answer) {
  std::string_view rest = trim(question);
  for (bool has_more = true; has_more;) {
    has_more = false;
    for (const std::string_view ending : {"？", "?", "。", "呢", "吗"}) {
      if (!rest.ends_with(ending)) continue;
      rest = trim(rest.substr(0, rest.size() - ending.size()));
      has_more = true;
    }
  }
  const size_t place = rest.find(kOr);
  if (place != rest.npos) return read_or(rest, place, trim(answer));
  size_t which = rest.npos;
  for (const std::string_view word : {"哪个", "哪一个", "谁"}) {
    which = std::min(which, rest.find(word));
  }
  if (which != rest.npos && which > 0) return read_which(rest.substr(0, which), trim(answer));
  return {{}, 0, kNoAlternatives};
}

}  // namespace lmc::data
