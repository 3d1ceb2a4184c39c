#include "prompt/reply_words.h"

#include <algorithm>
#include <cctype>
#include <initializer_list>
#include <utility>

#include "prompt/chat_pieces.h"  // kThinkStart, kThinkEnd

namespace lmc::prompt {

namespace {

// Marks and their plain forms.
constexpr std::pair<std::string_view, std::string_view> kPlainForms[] = {
    {"\xEF\xBC\x9A", ":"},    // fullwidth colon
    {"\xEF\xBC\x88", "("},    // fullwidth brackets
    {"\xEF\xBC\x89", ")"},    //
    {"\xEF\xBC\x8E", "."},    // fullwidth full stop
    {"\xE3\x80\x82", "."},    // ideographic full stop
    {"\xE2\x80\x98", "'"},    // single quotation marks
    {"\xE2\x80\x99", "'"},    //
    {"\xE2\x80\x9C", "\""},   // double quotation marks
    {"\xE2\x80\x9D", "\""},   //
    {"\xE2\x80\x93", " - "},  // dashes
    {"\xE2\x80\x94", " - "},  //
    {"\xE2\x86\x92", ": "},   // arrow
    {"\xE2\x80\xA2", " - "},  // bullet
    {"\xC2\xA0", " "},        // no-break spaces
    {"\xE2\x80\xAF", " "},    //
    {"{", "("},               // LaTeX groups
    {"}", ")"},               //
    {"\\boxed", "\nAnswer: "},
    {"<answer>", "\nAnswer: "},
    {"</answer>", "\n"},
};

// Whether one of kPlainForms or a LaTeX command may begin with this byte: most do not.
bool begins_form(char c) {
  return static_cast<unsigned char>(c) >= 0x80 || c == '{' || c == '}' || c == '\\' || c == '<';
}

// Markdown emphasis, headings, quotes and LaTeX wrapping say nothing about the words they wrap.
std::string plain(std::string_view text) {
  std::string result;
  result.reserve(text.size());
  for (size_t i = 0; i < text.size();) {
    const std::string_view rest = text.substr(i);
    const char c = rest[0];
    if (!begins_form(c)) {
      if (std::string_view("*_`#$~\r").find(c) == std::string_view::npos) result += c;
      ++i;
      continue;
    }
    const auto* form = std::find_if(std::begin(kPlainForms), std::end(kPlainForms),
                                    [&](const auto& f) { return rest.starts_with(f.first); });
    if (form != std::end(kPlainForms)) {
      result += form->second;
      i += form->first.size();
    } else if (c == '\\') {  // a command such as \text, or an escaped mark
      ++i;
      while (i < text.size() && std::isalpha(static_cast<unsigned char>(text[i]))) ++i;
    } else {
      result += c;
      ++i;
    }
  }
  return result;
}

bool is_word_char(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return byte >= 0x80 || std::isalnum(byte);
}

std::string lower_case(std::string text) {
  for (char& c : text) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return text;
}

}  // namespace

std::vector<ReplyWord> reply_words(std::string_view reply) {
  const std::string text = plain(reply);
  std::vector<ReplyWord> words;
  for (size_t i = 0; i < text.size();) {
    const size_t begin = i;
    if (is_word_char(text[i])) {
      const auto joins = [&](size_t at) {
        return std::string_view("'-/.").find(text[at]) != std::string_view::npos &&
               at + 1 < text.size() && is_word_char(text[at + 1]) &&
               (text[at] != '.' || std::isdigit(static_cast<unsigned char>(text[at + 1])));
      };
      while (i < text.size() && (is_word_char(text[i]) || joins(i))) ++i;
      std::string word = text.substr(begin, i - begin);
      words.push_back({ReplyWord::Kind::kWord, word, lower_case(word)});
    } else if (text[i] == '\n') {
      size_t lines = 0;
      for (; i < text.size() && std::isspace(static_cast<unsigned char>(text[i])); ++i) {
        lines += text[i] == '\n' ? 1 : 0;
      }
      const std::string mark = lines > 1 ? "\n\n" : "\n";
      words.push_back({ReplyWord::Kind::kBreak, mark, mark});
    } else {
      ++i;
      if (std::isspace(static_cast<unsigned char>(text[begin]))) continue;
      const std::string mark(1, text[begin]);
      words.push_back({ReplyWord::Kind::kMark, mark, mark});
    }
  }
  return words;
}

bool is_answer_line(std::string_view line) {
  const std::vector<ReplyWord> words = reply_words(line);
  size_t i = 0;
  const auto is_one_of = [&](std::initializer_list<std::string_view> list) {
    return i < words.size() && std::find(list.begin(), list.end(), words[i].lower) != list.end();
  };
  while (is_one_of({"\n", "\n\n", "the", "final", "correct", "my", "best", "-", ">"})) ++i;
  return i + 1 < words.size() && words[i].is("answer") && words[i + 1].is(":");
}

std::string without_thinking(std::string_view reply) {
  const size_t closed = reply.rfind(kThinkEnd);
  if (closed != reply.npos) reply.remove_prefix(closed + kThinkEnd.size());
  const size_t open = reply.find(kThinkStart);
  if (open == reply.npos) return std::string(reply);
  std::string rest(reply.substr(0, open));
  const size_t answer = reply.find("<answer>", open);
  if (answer != reply.npos) rest += reply.substr(answer);
  return rest;
}

}  // namespace lmc::prompt
