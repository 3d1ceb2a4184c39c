// The review sheet as a page.
#include "base/check.h"   // cat
#include "report/html.h"  // escaped, base64
#include "report/image_url.h"
#include "report/review_sheet.h"
#include "report/web.h"  // kPageStyle, kReviewStyle, kReviewScript

namespace lmc::report {

namespace {

constexpr int64_t kImageSidePx = 768;

struct Choice {
  std::string value;
  std::string label;
};

std::string radio_group(const std::string& name, const std::string& legend,
                        const std::vector<Choice>& choices) {
  std::string html = cat("<fieldset><legend>", legend, "</legend><div class=\"choices\">");
  for (const Choice& choice : choices) {
    html += cat("<label><input type=\"radio\" name=\"", name, "\" value=\"", choice.value, "\"> ",
                choice.label, "</label>");
  }
  return html + "</div></fieldset>\n";
}

std::string case_html(const SheetItem& item) {
  const std::string image = image_url(item.question.image, kImageSidePx);
  std::string options;
  for (const auto& [letter, text] : item.question.options) {
    options += cat("<li>", std::string(1, letter), ". ", escaped(text), "</li>");
  }
  return cat("<div class=\"case\"><div>",
             image.empty() ? "<p class=\"error\">The image could not be read.</p>"
                           : cat("<img alt=\"the question's image\" src=\"", image, "\">"),
             "</div><div><h3>", escaped(item.question.question), "</h3><ul class=\"options\">",
             options, "</ul><h3>Explanation</h3><p class=\"reasoning\">", escaped(item.reasoning),
             "</p><p>Its conclusion: <b>", item.answer.empty() ? "none" : escaped(item.answer),
             "</b></p></div></div>\n");
}

std::string item_html(size_t number, size_t total, const SheetItem& item) {
  const auto name = [&](const char* field) { return cat(field, "-", number); };
  const std::vector<Choice> yes_no = {{"yes", "yes"}, {"no", "no"}};
  std::vector<Choice> letters;
  for (const auto& [letter, text] : item.question.options) {
    letters.push_back({std::string(1, letter), std::string(1, letter)});
  }
  return cat(
      "<article class=\"item\" data-item=\"", number, "\" aria-labelledby=\"title-", number,
      "\">\n<h2 id=\"title-", number, "\">Explanation ", number, " of ", total, "</h2>\n",
      case_html(item), "<div class=\"asks\">\n",
      radio_group(name("answer"), "The answer you would give", letters),
      radio_group(
          name("findings"), "The visual findings are correct",
          {{"yes", "yes"}, {"partly", "partly"}, {"no", "no"}, {"cannot tell", "cannot tell"}}),
      radio_group(name("leads"), "The reasoning leads to its conclusion", yes_no),
      radio_group(name("acceptable"), "Acceptable for teaching", yes_no),
      "</div>\n<label class=\"comment\">Comment (optional)<textarea name=\"", name("comment"),
      "\" maxlength=\"4000\"></textarea></label>\n</article>\n");
}

}  // namespace

std::string review_page(const std::string& sheet, const std::vector<SheetItem>& items) {
  std::string articles;
  for (size_t i = 0; i < items.size(); ++i) articles += item_html(i + 1, items.size(), items[i]);
  return cat(
      "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
      "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; img-src data:; "
      "style-src 'unsafe-inline'; script-src ",
      policy_hash(kReviewScript),
      "; base-uri 'none'; form-action 'none'\">\n"
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
      "<meta name=\"referrer\" content=\"no-referrer\">\n<title>Review of explanations, sheet ",
      escaped(sheet), "</title>\n<style>", kPageStyle, kReviewStyle,
      "</style>\n</head>\n<body>\n<main>\n<h1>Review of explanations</h1>\n"
      "<p class=\"notice\">Research use only. Nothing here is a diagnosis.</p>\n"
      "<p>Look at the image and choose your own answer before you read the explanation. Then "
      "judge what the explanation says of the image, whether its steps lead to its conclusion, "
      "and whether a student should learn from it. Arrow keys choose, Tab goes on. What you enter "
      "stays in this browser until you save it as a file; nothing is sent.</p>\n"
      "<form id=\"sheet\" data-sheet=\"",
      escaped(sheet),
      "\" autocomplete=\"off\">\n<div class=\"bar-top\"><label>Your name or initials"
      "<input id=\"rater\" name=\"rater\" maxlength=\"60\"></label>\n"
      "<p id=\"progress\" role=\"status\">0 of ",
      items.size(),
      " rated</p>\n<button type=\"button\" id=\"next\">Next open one</button>\n"
      "<button type=\"button\" id=\"save\">Save ratings</button>\n"
      "<p id=\"message\" role=\"status\"></p></div>\n",
      articles, "</form>\n</main>\n<script>", kReviewScript, "</script>\n</body>\n</html>\n");
}

}  // namespace lmc::report
