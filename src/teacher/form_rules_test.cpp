#include <gtest/gtest.h>

#include "base/check.h"  // cat
#include "teacher/acceptance.h"

namespace lmc::teacher {
namespace {

record::Question question(const std::string& text = "Which structure is enlarged in the image?") {
  record::Question question;
  question.question = text;
  question.options = {{'A', "Liver"}, {'B', "Heart"}, {'C', "Spleen"}, {'D', "Kidney"}};
  question.answer = 'B';
  return question;
}

std::string reason_of(const std::string& reasoning, const record::Question& asked = question(),
                      const AcceptanceOptions& options = {}) {
  return judge_explanation(reasoning, "B", asked, options).reason;
}

TEST(FormRules, Length) {
  EXPECT_EQ(reason_of("Radiographically unremarkable mediastinum, cardiomegaly."), "too-short");
  EXPECT_EQ(reason_of("The heart is unremarkably large in this radiograph."), "");
  std::string words = "The heart is large";
  for (int i = 0; i < 600; ++i) words += cat(" and w", i);
  EXPECT_EQ(reason_of(words), "too-long");
  AcceptanceOptions options;
  options.max_words = 2000;
  EXPECT_EQ(reason_of(words, question(), options), "");
  options.max_words = 1203;
  EXPECT_EQ(reason_of(words, question(), options), "too-long");  // 4 + 2 * 600
  options.max_words = 1204;
  EXPECT_EQ(reason_of(words, question(), options), "");
}

TEST(FormRules, OtherLanguages) {
  for (const char* text : {
           // German, Dutch, French, Spanish, Portuguese, Italian
           "Das Herz ist auf der Aufnahme deutlich breiter als die Hälfte des Brustkorbs, und die "
           "Lunge ist frei, so dass eine Kardiomegalie vorliegt.",
           "Het hart is op de opname veel breder dan de helft van de borstkas en de longen zijn "
           "helder, dus er is sprake van een vergroot hart.",
           "Le cœur est plus large que la moitié du thorax sur la radiographie, et les poumons "
           "sont clairs, ce qui est en faveur d'une cardiomégalie.",
           "El corazón es más ancho que la mitad del tórax en la radiografía y los pulmones están "
           "limpios, por lo que se trata de una cardiomegalia.",
           "O coração é mais largo do que a metade do tórax na radiografia, e os pulmões estão "
           "limpos, o que é compatível com uma cardiomegalia.",
           "Il cuore è più largo della metà del torace nella radiografia e i polmoni sono chiari, "
           "per cui si tratta di una cardiomegalia evidente.",
           // Chinese, Russian, Korean, Arabic
           "胸部正位片可见心影明显增大，心胸比超过二分之一，双肺野清晰。",
           "Сердце шире половины грудной клетки, лёгкие прозрачны, значит, увеличено сердце.",
           "심장이 흉곽의 절반보다 넓고 폐는 깨끗하므로 심장이 커진 것으로 판단됩니다.",
           "القلب أوسع من نصف الصدر والرئتان صافيتان، ولذلك فإن القلب متضخم.",
           // English that turns
           "The heart is wider than half of the chest. "
           "因此心影明显增大，双肺野清晰，没有胸腔积液。",
       }) {
    EXPECT_EQ(reason_of(text), "language") << text;
  }
}

TEST(FormRules, TheQuestionsLanguage) {
  const std::string chinese = "胸部正位片可见心影明显增大，心胸比超过二分之一，CT 显示双肺野清晰。";
  EXPECT_EQ(reason_of(chinese, question("图中哪个结构增大？")), "");
  EXPECT_EQ(reason_of("The heart is wider than half of the chest on this film.",
                      question("图中哪个结构增大？请根据影像所见选择最合适的一项答案。")),
            "language");
  const std::string german =
      "Das Herz ist auf der Aufnahme deutlich breiter als die Hälfte des Brustkorbs, und die "
      "Lunge ist frei.";
  EXPECT_EQ(reason_of(german, question("Welche Struktur ist auf dem Bild vergrößert?")), "");
  // Symbols, names and borrowed words.
  EXPECT_EQ(reason_of("The α-fetoprotein level of 25 µg/L and the Sjögren antibodies argue for "
                      "an en bloc resection of the de novo mass."),
            "");
  // A phantom world's explanation: no little words at all.
  EXPECT_EQ(
      reason_of("Left lung: upper two nodules, middle three nodules, lower opacity. Right "
                "lung: upper opacity, middle clear, lower opacity, so nodules left. Left "
                "base: clear. Right base: effusion, so effusion right. Conclusion: opposite."),
      "");
}

TEST(FormRules, Repetition) {
  const std::string sentence = "The heart is wider than half of the chest. ";
  const std::string other = "The lungs are clear and the bones are whole on this film. ";
  EXPECT_EQ(reason_of(sentence + other + sentence), "");
  EXPECT_EQ(reason_of(sentence + other + sentence + other + sentence), "repetition");
  EXPECT_EQ(reason_of("A. Liver: normal. This is incorrect. C. Spleen: normal. This is incorrect. "
                      "D. Kidney: normal. This is incorrect. The heart is large."),
            "");
  // No sentence ends, but a loop.
  std::string loop = "The heart is large because";
  for (int i = 0; i < 20; ++i) loop += " the silhouette is wide and";
  EXPECT_EQ(reason_of(loop), "repetition");
  // "No. 6" ends no sentence.
  EXPECT_EQ(reason_of("The image in Supplement No. 6 shows a wide heart. The image in Supplement "
                      "No. 6 shows no nodule. The image in Supplement No. 6 shows no effusion."),
            "");
}

}  // namespace
}  // namespace lmc::teacher
