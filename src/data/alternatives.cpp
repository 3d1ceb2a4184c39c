#include "data/alternatives.h"

#include <algorithm>
#include <optional>

#include "base/ascii_case.h"  // lower_case
#include "data/alternative_words.h"
#include "data/chinese_alternatives.h"
#include "data/clean_text.h"  // trim

namespace lmc::data {

namespace {

constexpr size_t kMaxWords = 5;  // of one alternative

struct Word {
  std::string text;   // as it stands, without the punctuation behind it
  std::string plain;  // lower case
  char mark = 0;      // ',' or ':' behind it
};

using Phrase = std::vector<Word>;

Phrase words_of(std::string_view text) {
  Phrase words;
  std::string word;
  const auto end_word = [&](char mark) {
    if (!word.empty()) {
      words.push_back({word, lower_case(word), mark});
    } else if (mark != 0 && !words.empty()) {
      words.back().mark = mark;
    }
    word.clear();
  };
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == ' ' || c == '\t' || c == '\n') {
      end_word(0);
    } else if (c == ',' || c == ':' || c == ';') {
      end_word(c == ',' ? ',' : ':');
    } else if (c == '?' || (c == '.' && (i + 1 == text.size() || text[i + 1] == ' '))) {
      end_word(0);
    } else {
      word += c;
    }
  }
  end_word(0);
  // "T1 weighted" is one word.
  for (size_t i = 0; i + 1 < words.size();) {
    const bool is_sequence = words[i].plain == "t1" || words[i].plain == "t2";
    if (is_sequence && words[i].mark == 0 && words[i + 1].plain == "weighted") {
      words[i] = {words[i].text + " " + words[i + 1].text, words[i].plain + " weighted",
                  words[i + 1].mark};
      words.erase(words.begin() + static_cast<std::ptrdiff_t>(i) + 1);
    } else {
      ++i;
    }
  }
  return words;
}

std::string text_of_phrase(const Phrase& words) {
  std::string text;
  for (const Word& word : words) text += (text.empty() ? "" : " ") + word.text;
  return text;
}

Phrase part(const Phrase& words, size_t begin, size_t end) {
  return {words.begin() + static_cast<std::ptrdiff_t>(begin),
          words.begin() + static_cast<std::ptrdiff_t>(end)};
}

bool drop_article(Phrase& words) {
  if (words.size() < 2 || !is_article(words[0].plain)) return false;
  words.erase(words.begin());
  return true;
}

bool has_word(const Phrase& words, bool (*is)(std::string_view)) {
  return std::any_of(words.begin(), words.end(), [&](const Word& word) { return is(word.plain); });
}

bool asks(const Phrase& words) {
  const auto is_question_word = [](const Word& word) {
    const std::string& w = word.plain;
    return w == "which" || w == "what" || w == "where" || w == "who" || w == "how" || w == "whose";
  };
  return std::any_of(words.begin(), words.end(), is_question_word);
}

// The question cut at its commas and its "or".
struct Cut {
  Phrase head;                 // up to the list; may end with its first item
  std::vector<Phrase> items;   // between commas, without the last one
  Phrase tail;                 // behind "or"
  bool is_head_whole = false;  // the head is a clause by itself and holds no item
};

// Nothing: no "or", or more than one.
std::optional<Cut> cut_question(const Phrase& words, bool& has_or) {
  const auto is_or = [](const Word& word) {
    return word.plain == "or" || word.plain == "vs" || word.plain == "versus";
  };
  const auto count = std::count_if(words.begin(), words.end(), is_or);
  has_or = count > 0;
  if (count != 1) return std::nullopt;
  const auto place =
      static_cast<size_t>(std::find_if(words.begin(), words.end(), is_or) - words.begin());
  if (place == 0 || place + 1 >= words.size()) return std::nullopt;
  Cut cut;
  cut.tail = part(words, place + 1, words.size());
  std::vector<Phrase> segments(1);
  bool has_colon = false;
  for (size_t i = 0; i < place; ++i) {
    segments.back().push_back(words[i]);
    if (words[i].mark == 0) continue;
    if (words[i].mark == ':') {  // all before it is a clause
      has_colon = true;
      segments.assign(1, part(words, 0, i + 1));
    }
    segments.emplace_back();
  }
  if (segments.back().empty()) segments.pop_back();  // a comma before "or"
  // From the right: what has a verb or is long is a clause, the others are items.
  size_t first_item = segments.size();
  while (first_item > 1) {
    const Phrase& segment = segments[first_item - 1];
    if (segment.size() > kMaxWords || has_word(segment, is_auxiliary)) break;
    --first_item;
  }
  for (size_t i = 0; i < first_item; ++i) {
    cut.head.insert(cut.head.end(), segments[i].begin(), segments[i].end());
  }
  cut.items.assign(segments.begin() + static_cast<std::ptrdiff_t>(first_item), segments.end());
  for (const Word& word : cut.tail) {
    if (word.mark != 0) return std::nullopt;  // a list that goes on behind "or"
  }
  cut.is_head_whole = !cut.items.empty() && (has_colon || asks(cut.head));
  return cut;
}

// Phrases without articles, and words behind the last one that all of them share.
struct Reading {
  std::vector<Phrase> phrases;
  Phrase shared;
};

const std::string& first_of(const Phrase& phrase) { return phrase.front().plain; }
const std::string& last_of(const Phrase& phrase) { return phrase.back().plain; }

// Whether two phrases are whole ones of one kind by the nouns that they end with.
bool are_nouns_of_a_kind(const Phrase& first, const Phrase& second) {
  return common_kind(last_of(first), last_of(second)) == WordKind::kNoun;
}

// All words but the last one say more about it.
bool are_its_adjectives(const Phrase& phrase) {
  return std::all_of(phrase.begin(), phrase.end() - 1,
                     [](const Word& word) { return looks_like_adjective(word.plain); });
}

// The tail up to where the alternative in it ends.
Phrase cut_tail(const Phrase& tail) {
  for (size_t i = 1; i < tail.size(); ++i) {
    if (ends_phrase(tail[i].plain)) return part(tail, 0, i);
  }
  return tail;
}

// Whether the tail's first word is an alternative to all items' words, and what follows it is
// shared: "gray or white matter".
bool shares_noun(const std::vector<Phrase>& items, const Phrase& tail) {
  return std::all_of(items.begin(), items.end(), [&](const Phrase& item) {
    return item.size() == 1 && common_kind(last_of(item), first_of(tail)) == WordKind::kAdjective;
  });
}

// Items that commas bound on both sides, and a tail that the question's end bounds.
std::optional<Reading> read_bounded(std::vector<Phrase> items, Phrase tail) {
  size_t num_articles = 0;
  for (Phrase& item : items) num_articles += drop_article(item) ? 1 : 0;
  const bool has_article = drop_article(tail);
  if (tail.size() > 1 && shares_noun(items, tail)) {
    for (Phrase& item : items) item = {item.front()};
    items.push_back({tail.front()});
    return Reading{items, part(tail, 1, tail.size())};
  }
  const bool have_articles = has_article && num_articles == items.size();
  if (!std::all_of(items.begin(), items.end(), [&](const Phrase& item) {
        if (item.size() == 1 && tail.size() == 1) return true;
        const WordKind kind = common_kind(last_of(item), last_of(tail));
        if (kind != WordKind::kUnknown || last_of(item) == last_of(tail)) return true;
        if (looks_like_adjective(last_of(item))) return false;  // may want the tail's noun
        return have_articles || item.size() == tail.size();
      })) {
    return std::nullopt;
  }
  if (has_word(tail, ends_phrase)) return std::nullopt;
  items.push_back(tail);
  return Reading{items, {}};
}

// Where the phrase at the end of the head begins; nothing: nowhere for certain.
std::optional<size_t> phrase_begin(const Phrase& head) {
  size_t begin = head.size();
  const auto bounds = [](const std::string& w) { return is_boundary(w) || is_image_word(w); };
  while (begin > 0 && !bounds(head[begin - 1].plain)) --begin;
  if (begin == 0 || begin == head.size() || head.size() - begin > kMaxWords) return std::nullopt;
  return begin;
}

// Whether an article before `begin` is that of the sentence's subject: "Is the ...".
bool is_of_subject(const Phrase& head, size_t begin) {
  return begin >= 2 && is_article(head[begin - 1].plain) && is_auxiliary(head[begin - 2].plain);
}

// Words that are alternatives one by one: "on the left or right side".
std::optional<Reading> read_words(const Phrase& head, const std::vector<Phrase>& items,
                                  const Phrase& tail) {
  const Word& word = head.back();
  const std::string before = head.size() > 1 ? head[head.size() - 2].plain : "";
  const std::string two_before = head.size() > 2 ? head[head.size() - 3].plain : "";
  // "the etiology genetic": what stands before the word is all of the subject.
  const bool is_after_subject = is_article(two_before);
  if (is_part_of_next(before) || (!is_after_subject && is_noun_of_next(before)) ||
      (before == "to" && looks_like_adjective(two_before)) ||
      (is_known_adjective(before) && !is_boundary(before))) {
    return std::nullopt;
  }
  std::vector<Phrase> all = {{word}};
  for (Phrase item : items) {
    drop_article(item);
    all.push_back(item);
  }
  const Phrase rest = part(tail, 1, cut_tail(tail).size());
  if (shares_noun(all, tail)) {
    all.push_back({tail.front()});
    return Reading{all, rest};
  }
  if (!items.empty()) return std::nullopt;
  const bool are_nouns = common_kind(word.plain, first_of(tail)) == WordKind::kNoun;
  const bool is_whole = is_boundary(before) || is_image_word(before);
  if (are_nouns && is_whole &&
      (rest.empty() || (rest.size() == 1 && is_image_word(rest[0].plain)))) {
    return Reading{{{word}, {tail.front()}}, rest};
  }
  // Two adjectives that nothing follows: "Is the etiology genetic or vascular?"; but in "the lesion
  // rim enhanced or cystic" the first one has another word.
  const bool is_bounded = is_after_subject || (is_whole && before != "to");
  if (tail.size() == 1 && is_bounded && looks_like_adjective(word.plain) &&
      looks_like_adjective(first_of(tail))) {
    return Reading{{{word}, tail}, {}};
  }
  return std::nullopt;
}

// "contrast or no contrast", "contrast or non contrast CT".
std::optional<Reading> read_denied(const Phrase& head, const Phrase& tail) {
  if (tail.size() < 2 || (tail[0].plain != "no" && tail[0].plain != "non")) return std::nullopt;
  if (last_of(head) != tail[1].plain) return std::nullopt;
  const bool is_whole = head.size() > 1 && is_boundary(head[head.size() - 2].plain);
  if (!is_whole && !looks_like_adjective(last_of(head))) return std::nullopt;
  const Phrase rest = part(tail, 2, cut_tail(tail).size());
  return Reading{{{head.back()}, part(tail, 0, 2)}, rest};
}

// Two phrases of several words: "the left upper lobe or the right lower lobe".
std::optional<Reading> read_phrases(const Phrase& head, const Phrase& given_tail,
                                    const std::string& answer) {
  const Phrase tail = cut_tail(given_tail);
  const bool is_tail_whole = tail.size() == given_tail.size();
  // As many words before "or", with the same last one: "with contrast or without contrast".
  Phrase bare = tail;
  const bool has_article = drop_article(bare);
  if (bare.size() > 1 && head.size() > bare.size() && last_of(bare) == last_of(head)) {
    const Phrase window = part(head, head.size() - bare.size(), head.size());
    const bool is_bounded =
        is_boundary(head[head.size() - bare.size() - 1].plain) && are_its_adjectives(window);
    const bool are_parallel =
        common_kind(first_of(window), first_of(bare)) == WordKind::kAdjective ||
        (looks_like_adjective(first_of(window)) && looks_like_adjective(first_of(bare)));
    if (!has_word(window, is_article) && (is_bounded || are_parallel)) {
      return Reading{{window, bare}, {}};
    }
  }
  const auto begin = phrase_begin(head);
  if (!begin) return std::nullopt;
  // "in the liver or in the right kidney"
  if (tail.size() > 1 && is_preposition(first_of(tail))) {
    const bool is_same = (*begin > 0 && head[*begin - 1].plain == first_of(tail)) ||
                         (*begin > 1 && head[*begin - 2].plain == first_of(tail));
    if (!is_same) return std::nullopt;
    return read_phrases(head, part(given_tail, 1, given_tail.size()), answer);
  }
  const Phrase first = part(head, *begin, head.size());
  const bool is_subject = is_of_subject(head, *begin);
  // "the abnormality pneumonia": a subject and what is said of it, or one name? Not certain.
  if (!are_its_adjectives(first)) return std::nullopt;
  // "the left radius or ulna": the side may be said of both.
  const bool has_side = common_kind(first_of(first), "left") != WordKind::kUnknown ||
                        common_kind(first_of(first), "upper") != WordKind::kUnknown;
  if (has_side && first.size() > 1 && bare.size() == 1 && !has_article) return std::nullopt;
  if (last_of(first) == last_of(bare) || are_nouns_of_a_kind(first, bare)) {
    return Reading{{first, bare}, {}};
  }
  const bool has_first_article = is_article(head[*begin - 1].plain);
  if (!has_first_article || is_subject || !is_tail_whole || looks_like_adjective(last_of(first)) ||
      looks_like_adjective(last_of(bare))) {
    return std::nullopt;
  }
  // "an abscess or cancer"; "a physical injury or a medical process", where the answer shows that
  // the second one is whole.
  const bool is_answer = lower_case(text_of_phrase(bare)) == answer;
  if (bare.size() == 1 || (has_article && (is_answer || bare.size() == first.size()))) {
    return Reading{{first, bare}, {}};
  }
  return std::nullopt;
}

std::optional<Reading> read_question(const Cut& cut, const std::string& answer) {
  if (cut.tail.empty() || cut.tail[0].plain == "not") return std::nullopt;
  if (cut.is_head_whole) return read_bounded(cut.items, cut.tail);
  if (cut.head.empty()) return std::nullopt;
  // "MRI, CT or X-Ray?": the list is all of the question.
  const auto is_of_list = [](const Word& word) {
    return is_article(word.plain) || !is_boundary(word.plain);
  };
  if (cut.head.size() <= kMaxWords && !asks(cut.head) &&
      std::all_of(cut.head.begin(), cut.head.end(), is_of_list)) {
    std::vector<Phrase> items = cut.items;
    items.insert(items.begin(), cut.head);
    return read_bounded(items, cut.tail);
  }
  Phrase tail = cut.tail;
  drop_article(tail);
  if (auto reading = read_words(cut.head, cut.items, tail)) return reading;
  if (cut.items.empty()) {
    if (auto reading = read_denied(cut.head, tail)) return reading;
    return read_phrases(cut.head, cut.tail, answer);
  }
  // A list whose first item ends the head: "Is it in the liver, the spleen or the left kidney?"
  const auto begin = phrase_begin(cut.head);
  if (!begin) return std::nullopt;
  std::vector<Phrase> items = {part(cut.head, *begin, cut.head.size())};
  if (!are_its_adjectives(items[0])) return std::nullopt;
  Phrase last = cut_tail(tail);
  while (last.size() > 1 && is_image_word(last_of(last))) last.pop_back();
  for (Phrase item : cut.items) {
    drop_article(item);
    items.push_back(item);
  }
  const bool are_of_a_kind = std::all_of(items.begin(), items.end(), [&](const Phrase& item) {
    return last_of(item) == last_of(last) || are_nouns_of_a_kind(item, last);
  });
  if (!are_of_a_kind) return std::nullopt;
  items.push_back(last);
  return Reading{items, {}};
}

// Letters and digits alone, so that "Hypo-dense" is "hypodense"; without "in the" before it.
std::string plain_answer(std::string_view text) {
  Phrase words = words_of(text);
  while (words.size() > 1 && (is_article(words[0].plain) || words[0].plain == "in" ||
                              words[0].plain == "on" || words[0].plain == "at")) {
    words.erase(words.begin());
  }
  return lower_case(text_of_phrase(words));
}

std::string squeezed(std::string_view text) {
  std::string result;
  for (const char c : lower_case(text)) {
    if (c != ' ' && c != '-') result += c;
  }
  return result;
}

// The texts of a reading, with so many of the words that all share as the answer has.
Alternatives match(const Reading& reading, const std::string& answer) {
  Alternatives found;
  for (size_t num_shared = 0; num_shared <= reading.shared.size(); ++num_shared) {
    const Phrase shared = part(reading.shared, 0, num_shared);
    std::vector<std::string> texts;
    size_t num_equal = 0;
    for (Phrase phrase : reading.phrases) {
      phrase.insert(phrase.end(), shared.begin(), shared.end());
      texts.push_back(text_of_phrase(phrase));
      if (squeezed(texts.back()) != squeezed(answer)) continue;
      found.gold = texts.size() - 1;
      ++num_equal;
    }
    if (num_equal != 1) continue;
    found.texts = std::move(texts);
    return found;
  }
  // "T1" of "T1 weighted", "genetic" of "genetic process": the answer leaves out what all end with.
  const auto last_word = [](const std::string& text) { return text.substr(text.rfind(' ') + 1); };
  std::vector<std::string> texts;
  size_t num_equal = 0;
  for (const Phrase& phrase : reading.phrases) {
    texts.push_back(text_of_phrase(phrase));
    const std::string end = last_word(texts.back());
    const bool is_common = lower_case(end) == lower_case(last_word(texts.front()));
    if (!is_common || end.size() == texts.back().size()) {
      num_equal = 0;
      break;
    }
    if (squeezed(texts.back().substr(0, texts.back().size() - end.size())) != squeezed(answer)) {
      continue;
    }
    found.gold = texts.size() - 1;
    ++num_equal;
  }
  if (num_equal == 1) {
    found.texts = std::move(texts);
  } else {
    found.problem = kOtherAnswer;
  }
  return found;
}

bool are_distinct(const std::vector<std::string>& texts) {
  std::vector<std::string> plain;
  for (const std::string& text : texts) plain.push_back(lower_case(text));
  std::sort(plain.begin(), plain.end());
  return std::adjacent_find(plain.begin(), plain.end()) == plain.end();
}

}  // namespace

Alternatives read_alternatives(std::string_view question, std::string_view answer) {
  Alternatives found = read_chinese_alternatives(question, answer);
  if (found.problem != kNoAlternatives) return found;
  found = {};
  bool has_or = false;
  const auto cut = cut_question(words_of(question), has_or);
  if (!cut) {
    found.problem = has_or ? kUnclearAlternatives : kNoAlternatives;
    return found;
  }
  const std::string plain = plain_answer(answer);
  const auto reading = read_question(*cut, plain);
  const auto is_long = [](const Phrase& phrase) {
    return phrase.empty() || phrase.size() > kMaxWords;
  };
  if (!reading || std::any_of(reading->phrases.begin(), reading->phrases.end(), is_long)) {
    found.problem = kUnclearAlternatives;
    return found;
  }
  found = match(*reading, plain);
  if (found.problem == nullptr && !are_distinct(found.texts)) {
    found = {{}, 0, kUnclearAlternatives};
  }
  return found;
}

}  // namespace lmc::data
