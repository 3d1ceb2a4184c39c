#include "reading/reply_words.h"

#include <algorithm>
#include <initializer_list>

#include "prompt/chat_pieces.h"       // kThinkStart, kThinkEnd
#include "reading/plain_form.h"       // plain_form, is_word_char, is_blank_char
#include "reading/reply_languages.h"  // in_english, is_unspaced, look_alike
#include "text/unicode.h"             // decode_utf8, encode_utf8

namespace lmc::reading {

namespace {

bool is_digit(char32_t c) { return c >= U'0' && c <= U'9'; }

ReplyWord word_of(std::u32string_view written) {
  const char look = written.size() == 1 ? look_alike(written[0]) : 0;
  if (look != 0) {
    const std::string letter(1, look);
    return {ReplyWord::Kind::kWord, letter, text::encode_utf8(lower_word(written)), true, true};
  }
  const std::string text = text::encode_utf8(written);
  const std::string lower = text::encode_utf8(lower_word(written));
  // Short words in capitals are abbreviations: "PAS" is a stain, "LA" an atrium.
  const bool abbreviation =
      written.size() <= 3 &&
      std::all_of(text.begin(), text.end(), [](char c) { return c >= 'A' && c <= 'Z'; });
  return {ReplyWord::Kind::kWord, text, std::string(abbreviation ? lower : in_english(lower)),
          false, true};
}

// An arrow points to what follows, as a colon does.
ReplyWord mark_of(std::u32string_view written) {
  const std::string mark = text::encode_utf8(written);
  return {ReplyWord::Kind::kMark, mark, written == U"\u2192" ? ":" : mark, false, true};
}

}  // namespace

bool is_one_of(std::string_view word, std::initializer_list<std::string_view> list) {
  return std::find(list.begin(), list.end(), word) != list.end();
}

std::vector<ReplyWord> reply_words(std::string_view reply) {
  const std::u32string text = plain_form(text::decode_utf8(reply));
  std::vector<ReplyWord> words;
  bool apart = true;
  const auto add = [&](ReplyWord word) {
    word.apart = apart;
    words.push_back(std::move(word));
    apart = false;
  };
  for (size_t i = 0; i < text.size();) {
    const size_t begin = i;
    if (is_unspaced(text[i])) {
      add(word_of(std::u32string_view(text).substr(i++, 1)));
    } else if (is_word_char(text[i])) {
      const bool latin = text[i] < 0x1000;
      const auto goes_on = [&](size_t at) {
        return at < text.size() && is_word_char(text[at]) && !is_unspaced(text[at]) &&
               (text[at] < 0x1000) == latin;
      };
      const auto joins = [&](size_t at) {
        return std::u32string_view(U"'-/.").find(text[at]) != std::u32string_view::npos &&
               goes_on(at + 1) && (text[at] != U'.' || is_digit(text[at + 1]));
      };
      while (i < text.size() && (goes_on(i) || joins(i))) ++i;
      add(word_of(std::u32string_view(text).substr(begin, i - begin)));
    } else if (text[i] == U'\n') {
      size_t lines = 0;
      for (; i < text.size() && is_blank_char(text[i]); ++i) lines += text[i] == U'\n' ? 1 : 0;
      const std::string mark = lines > 1 ? "\n\n" : "\n";
      add({ReplyWord::Kind::kBreak, mark, mark, false, true});
      apart = true;
    } else {
      ++i;
      const bool is_image =
          text[begin] >= 0x1F000 || (text[begin] >= 0xFE00 && text[begin] <= 0xFE0F);
      if (is_blank_char(text[begin])) {
        apart = true;
      } else if (!is_image) {
        add(mark_of(std::u32string_view(text).substr(begin, 1)));
      }
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
  const size_t closed = reply.rfind(prompt::kThinkEnd);
  if (closed != reply.npos) reply.remove_prefix(closed + prompt::kThinkEnd.size());
  const size_t open = reply.find(prompt::kThinkStart);
  if (open == reply.npos) return std::string(reply);
  std::string rest(reply.substr(0, open));
  const size_t answer = reply.find("<answer>", open);
  if (answer != reply.npos) rest += reply.substr(answer);
  return rest;
}

}  // namespace lmc::reading
