#include "reading/reply_languages.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace lmc::reading {

namespace {

// Longer phrases before those they begin with.
constexpr std::pair<std::u32string_view, std::string_view> kPhrases[] = {
    {U"答案应该是", " answer is "},
    {U"答案應該是", " answer is "},
    {U"答案应为", " answer is "},
    {U"答案應為", " answer is "},
    {U"答案是", " answer is "},
    {U"答案为", " answer is "},
    {U"答案為", " answer is "},
    {U"答案", " answer "},
    {U"选项", " option "},
    {U"選項", " option "},
    {U"选择", " choose "},
    {U"選擇", " choose "},
    {U"故选", " choose "},
    {U"应选", " choose "},
    {U"选", " choose "},
    {U"選", " choose "},
    {U"不正确", " incorrect "},
    {U"不正確", " incorrect "},
    {U"不符合", " incorrect "},
    {U"错误", " incorrect "},
    {U"錯誤", " incorrect "},
    {U"正确", " correct "},
    {U"正確", " correct "},
    {U"不是", " not "},
    {U"并非", " not "},
    {U"没有", " not "},
    {U"未见", " not "},
    {U"而是", " but "},
    {U"无法", " cannot "},
    {U"無法", " cannot "},
    {U"不能", " cannot "},
    {U"抱歉", " sorry "},
    {U"请提供", " please provide "},
    {U"請提供", " please provide "},
    {U"请上传图片", " please upload the image "},
    {U"请上传", " please upload "},
    {U"請上傳圖片", " please upload the image "},
    {U"需要更多信息", " I need more information "},
    {U"需要更多資訊", " I need more information "},
    {U"或者", " or "},
    {U"或", " or "},
    {U"因此", " therefore "},
    {U"所以", " therefore "},
    {U"正解は", " answer is "},
    {U"正答は", " answer is "},
    {U"答えは", " answer is "},
    {U"解答は", " answer is "},
    {U"正解", " answer "},
    {U"です", " . "},
    {U"である", " . "},
    {U"ではない", " incorrect "},
    {U"정답은", " answer is "},
    {U"답은", " answer is "},
    {U"정답", " answer "},
    {U"입니다", " . "},
};

// Words of every day among them stand for links, articles and denials.
constexpr std::pair<std::string_view, std::string_view> kWords[] = {
    {"alternativa", "option"},
    {"antwoord", "answer"},
    {"antwort", "answer"},
    {"aucune", "none"},
    {"cevap", "answer"},
    {"choisis", "choose"},
    {"correcta", "correct"},
    {"correcte", "correct"},
    {"correcto", "correct"},
    {"correta", "correct"},
    {"correto", "correct"},
    {"corretta", "correct"},
    {"corretto", "correct"},
    {"daher", "therefore"},
    {"das", "the"},
    {"der", "the"},
    {"deshalb", "therefore"},
    {"desculpe", "sorry"},
    {"die", "the"},
    {"donc", "therefore"},
    {"doğru", "correct"},
    {"désolé", "sorry"},
    {"el", "the"},
    {"elijo", "choose"},
    {"entschuldigung", "sorry"},
    {"errada", "wrong"},
    {"errado", "wrong"},
    {"es", "is"},
    {"escolho", "choose"},
    {"est", "is"},
    {"falsch", "wrong"},
    {"fausse", "wrong"},
    {"faux", "wrong"},
    {"incorrecta", "incorrect"},
    {"incorrecto", "incorrect"},
    {"incorreta", "incorrect"},
    {"incorreto", "incorrect"},
    {"ist", "is"},
    {"jest", "is"},
    {"kein", "not"},
    {"keine", "not"},
    {"keinen", "not"},
    {"korrekt", "correct"},
    {"korrekte", "correct"},
    {"la", "the"},
    {"lamento", "sorry"},
    {"lautet", "is"},
    {"le", "the"},
    {"leider", "unfortunately"},
    {"letra", "letter"},
    {"lettre", "letter"},
    {"lösung", "answer"},
    {"mais", "but"},
    {"mas", "but"},
    {"nenhuma", "none"},
    {"nessuna", "none"},
    {"nicht", "not"},
    {"ninguna", "none"},
    {"não", "not"},
    {"oder", "or"},
    {"odpowiedź", "answer"},
    {"opción", "option"},
    {"opzione", "option"},
    {"opção", "option"},
    {"pas", "not"},
    {"pero", "but"},
    {"poprawna", "correct"},
    {"portanto", "therefore"},
    {"quindi", "therefore"},
    {"reponse", "answer"},
    {"resposta", "answer"},
    {"respuesta", "answer"},
    {"richtig", "correct"},
    {"richtige", "correct"},
    {"risposta", "answer"},
    {"réponse", "answer"},
    {"seria", "is"},
    {"sería", "is"},
    {"siento", "sorry"},
    {"sino", "but"},
    {"sondern", "but"},
    {"und", "and"},
    {"weder", "neither"},
    {"wähle", "choose"},
    {"wäre", "is"},
    {"è", "is"},
    {"é", "is"},
    {"вариант", "option"},
    {"верно", "correct"},
    {"верный", "correct"},
    {"или", "or"},
    {"не", "not"},
    {"неверно", "wrong"},
    {"ответ", "answer"},
    {"правильно", "correct"},
    {"правильный", "correct"},
    {"это", "is"},
    {"उत्तर", "answer"},
    {"सही", "correct"},
    {"الإجابة", "answer"},
    {"الجواب", "answer"},
    {"الصحيحة", "correct"},
};

// Greek and Cyrillic letters that look like Latin ones.
constexpr std::pair<char32_t, char> kLookAlikes[] = {
    {0x391, 'A'}, {0x392, 'B'}, {0x395, 'E'}, {0x397, 'H'}, {0x410, 'A'}, {0x412, 'B'},
    {0x415, 'E'}, {0x41D, 'H'}, {0x421, 'C'}, {0x430, 'a'}, {0x435, 'e'}, {0x441, 'c'},
};

// Runs of letters in other shapes: the first code point, and the first ASCII character.
struct Shape {
  char32_t first, last;
  char32_t ascii;
};
constexpr Shape kShapes[] = {
    {0x249C, 0x24B5, 'a'},    // in brackets
    {0x24B6, 0x24CF, 'A'},    // in circles
    {0x24D0, 0x24E9, 'a'},    //
    {0xFF01, 0xFF5E, '!'},    // fullwidth
    {0x1F130, 0x1F149, 'A'},  // in squares
    {0x1F150, 0x1F169, 'A'},  // in black circles
    {0x1F170, 0x1F189, 'A'},  // in black squares
};

}  // namespace

Phrase phrase_at(std::u32string_view text) {
  for (const auto& [phrase, english] : kPhrases) {
    if (text.starts_with(phrase)) return {phrase.size(), english};
  }
  return {};
}

std::string_view in_english(std::string_view word) {
  const auto* found = std::find_if(std::begin(kWords), std::end(kWords),
                                   [&](const auto& entry) { return entry.first == word; });
  return found == std::end(kWords) ? word : found->second;
}

std::u32string lower_word(std::u32string_view word) {
  std::u32string result(word);
  for (char32_t& c : result) {
    if ((c >= U'A' && c <= U'Z') || (c >= 0xC0 && c <= 0xDE && c != 0xD7) ||
        (c >= 0x410 && c <= 0x42F)) {
      c += 32;
    } else if (c >= 0x400 && c <= 0x40F) {
      c += 80;
    } else if ((c >= 0x100 && c <= 0x12F) || (c >= 0x132 && c <= 0x137) ||
               (c >= 0x14A && c <= 0x177)) {
      c |= 1;
    } else if ((c >= 0x139 && c <= 0x148) || (c >= 0x179 && c <= 0x17E)) {
      c += c & 1;
    }
  }
  return result;
}

bool is_unspaced(char32_t c) {
  return (c >= 0x3040 && c <= 0x30FF) || (c >= 0x3400 && c <= 0x9FFF) ||
         (c >= 0xF900 && c <= 0xFAFF) || (c >= 0x20000 && c <= 0x3FFFF);
}

char32_t plain_character(char32_t c) {
  if (c < 0x2000) return c;
  for (const Shape& shape : kShapes) {
    if (c >= shape.first && c <= shape.last) return shape.ascii + (c - shape.first);
  }
  if (c >= 0x1D400 && c <= 0x1D6A3) {  // mathematical: alphabets of capital and small letters
    const char32_t place = (c - 0x1D400) % 52;
    return place < 26 ? U'A' + place : U'a' + (place - 26);
  }
  if (c >= 0x1D7CE && c <= 0x1D7FF) return U'0' + (c - 0x1D7CE) % 10;
  return c;
}

char look_alike(char32_t c) {
  for (const auto& [other, letter] : kLookAlikes) {
    if (c == other) return letter;
  }
  return 0;
}

}  // namespace lmc::reading
