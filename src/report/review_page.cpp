// The review sheet as a page.
#include "base/check.h"   // cat
#include "report/html.h"  // escaped, base64
#include "report/picture.h"
#include "report/review_script.h"
#include "report/review_sheet.h"
#include "report/style.h"  // kStyle

namespace lmc::report {

namespace {

constexpr int64_t kPictureSidePx = 768;

// Beside the style of the report.
constexpr char kSheetStyle[] = R"(
html{scroll-padding-top:8rem}
.bar-top{position:sticky;top:0;z-index:1;display:flex;flex-wrap:wrap;gap:.5rem 1rem;align-items:end;
background:var(--paper);border-bottom:1px solid var(--line);padding:.6rem 0}
.bar-top label{font-size:.86rem;color:var(--quiet);display:grid}
#progress{font-weight:600;font-variant-numeric:tabular-nums;margin:0}
#message{flex-basis:100%;margin:0;min-height:1.4em;font-size:.88rem}
button,input,textarea{font:inherit;color:inherit}
button{padding:.4rem .9rem;border:1px solid var(--quiet);border-radius:6px;background:var(--card);cursor:pointer}
#save{background:var(--s0);border-color:var(--s0);color:var(--paper);font-weight:600}
#rater,textarea{border:1px solid var(--quiet);border-radius:6px;background:var(--paper);padding:.35rem .5rem}
#rater{width:11rem;color:var(--ink)}
textarea{width:100%;min-height:3.2rem}
:focus-visible{outline:3px solid var(--s0);outline-offset:2px}
.item{border:1px solid var(--line);border-radius:8px;background:var(--card);padding:1rem;margin:1.2rem 0}
.item.done{border-left:5px solid var(--right)}
.item h2{margin:0 0 .7rem;border:0;padding:0;font-size:1.05rem}
.case{display:grid;grid-template-columns:minmax(0,5fr) minmax(0,7fr);gap:1.2rem}
.case img{width:100%;height:auto;border-radius:4px}
.case h3{margin:.9rem 0 .3rem}
.reasoning{white-space:pre-wrap;overflow-wrap:anywhere;margin:0;max-width:none}
.asks{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(15rem,100%),1fr));gap:.8rem;margin-top:1rem}
fieldset{border:1px solid var(--line);border-radius:6px;margin:0;padding:.4rem .8rem .6rem;min-width:0}
legend{font-size:.9rem;font-weight:600;padding:0 .3rem}
.choices{display:flex;flex-wrap:wrap;gap:.1rem 1.1rem}
.choices label{padding:.3rem 0;display:inline-flex;gap:.4rem;align-items:center;cursor:pointer}
.choices input{width:1.1rem;height:1.1rem;margin:0;accent-color:var(--s0)}
.comment{display:block;margin-top:.8rem;font-size:.9rem;font-weight:600}
@media (max-width:42rem){.case{grid-template-columns:1fr}.item{padding:.8rem}#rater{width:9rem}
html{scroll-padding-top:10rem}}
@media print{.bar-top{position:static}}
)";

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
  const std::string picture = picture_url(item.question.image, kPictureSidePx);
  std::string options;
  for (const auto& [letter, text] : item.question.options) {
    options += cat("<li>", std::string(1, letter), ". ", escaped(text), "</li>");
  }
  return cat("<div class=\"case\"><div>",
             picture.empty() ? "<p class=\"error\">The picture could not be read.</p>"
                             : cat("<img alt=\"the question's picture\" src=\"", picture, "\">"),
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
      escaped(sheet), "</title>\n<style>", kStyle, kSheetStyle,
      "</style>\n</head>\n<body>\n<main>\n<h1>Review of explanations</h1>\n"
      "<p class=\"notice\">Research use only. Nothing here is a diagnosis.</p>\n"
      "<p>Look at the picture and choose your own answer before you read the explanation. Then "
      "judge what the explanation says of the picture, whether its steps lead to its conclusion, "
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
