#include "report/examples.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <unordered_map>

#include "base/check.h"        // cat
#include "report/charts.h"     // series_class
#include "report/html.h"       // escaped, percent
#include "report/image_url.h"  // image_url

namespace lmc::report {

namespace {

// "+-+" for right, wrong, right; a blank where a run has no such question.
std::string pattern_of(const Example& example) {
  std::string pattern;
  for (const record::Answer* answer : example.answers) {
    pattern += answer == nullptr ? ' ' : record::is_right(*answer) ? '+' : '-';
  }
  return pattern;
}

std::string letter_html(const record::Answer& answer) {
  if (!answer.error.empty()) return "not asked";
  return answer.letter.empty() ? "no answer" : escaped(answer.letter);
}

std::string verdict_html(const record::Answer& answer) {
  return record::is_right(answer) ? "<b class=\"right\">right</b>" : "<b class=\"wrong\">wrong</b>";
}

std::string options_html(const record::Question& question) {
  std::string html = "<ol class=\"options\">";
  for (const auto& [letter, text] : question.options) {
    const bool is_gold = letter == question.answer;
    html += cat("<li", is_gold ? " class=\"is-gold\"" : "", "><b>", letter, "</b> ", escaped(text),
                is_gold ? " <em>correct</em>" : "", "</li>");
  }
  return html + "</ol>";
}

std::string probabilities_html(const record::Answer& answer) {
  std::string html;
  for (const auto& [letter, probability] : option_probabilities(answer)) {
    html += cat("<li>", letter, " ", percent(probability), "</li>");
  }
  return html.empty() ? html : cat("<ul class=\"probabilities\">", html, "</ul>");
}

std::string reply_html(const record::Answer& answer) {
  if (!answer.error.empty()) return cat("<p class=\"error\">", escaped(answer.error), "</p>");
  const std::string cut = answer.finish == "length" ? "<p class=\"quiet\">(cut here)</p>" : "";
  const std::string reply = answer.reply.empty()
                                ? "<p class=\"quiet\">letters compared</p>"
                                : cat("<p class=\"reply\">", escaped(answer.reply), "</p>");
  return cat(probabilities_html(answer), reply, cut);
}

}  // namespace

std::vector<Example> pick_examples(std::span<const record::Question> questions,
                                   const std::vector<std::vector<record::Answer>>& answers_by_run,
                                   size_t count) {
  std::vector<std::unordered_map<std::string, const record::Answer*>> by_id(answers_by_run.size());
  for (size_t run = 0; run < answers_by_run.size(); ++run) {
    for (const record::Answer& answer : answers_by_run[run]) {
      by_id[run][answer.question_id] = &answer;
    }
  }
  std::map<std::string, std::vector<Example>> by_pattern;
  for (const record::Question& question : questions) {
    Example example{&question, {}};
    for (const auto& answers : by_id) {
      const auto found = answers.find(question.id);
      example.answers.push_back(found == answers.end() ? nullptr : found->second);
    }
    const std::string pattern = pattern_of(example);
    if (pattern.find_first_not_of(' ') != std::string::npos) {
      by_pattern[pattern].push_back(std::move(example));
    }
  }

  std::map<std::string, size_t> wanted;  // how many of each pattern
  size_t total = 0;
  for (bool grew = true; grew && total < count;) {
    grew = false;
    for (const auto& [pattern, examples] : by_pattern) {
      if (total == count || wanted[pattern] == examples.size()) continue;
      ++wanted[pattern];
      ++total;
      grew = true;
    }
  }
  std::vector<Example> picked;
  for (const auto& [pattern, examples] : by_pattern) {
    for (size_t i = 0; i < wanted[pattern]; ++i) {
      picked.push_back(examples[i * examples.size() / wanted[pattern]]);
    }
  }
  std::sort(picked.begin(), picked.end(),
            [](const Example& a, const Example& b) { return a.question < b.question; });
  return picked;
}

std::map<char, double> option_probabilities(const record::Answer& answer) {
  std::map<char, double> probabilities;
  if (answer.letter_log_probability.empty()) return probabilities;
  double highest = answer.letter_log_probability.begin()->second;
  for (const auto& [letter, value] : answer.letter_log_probability) {
    highest = std::max(highest, value);
  }
  double sum = 0;
  for (const auto& [letter, value] : answer.letter_log_probability) {
    sum += probabilities[letter] = std::exp(value - highest);
  }
  for (auto& [letter, probability] : probabilities) probability /= sum;
  return probabilities;
}

std::string example_html(const Example& example, const std::vector<std::string>& run_names) {
  const record::Question& question = *example.question;
  const std::string url = image_url(question.image);
  const std::string image =
      url.empty() ? "<p class=\"picture quiet\">The image file is not there.</p>"
                  : cat("<img class=\"picture\" alt=\"the image asked about\" src=\"", url, "\">");
  std::string html =
      cat("<article class=\"example\"><div class=\"asked\">", image, "<div><h3>",
          escaped(question.question), "</h3>", options_html(question), "<p class=\"quiet\">",
          escaped(question.id), "</p></div></div>", "<div class=\"replies\">");
  for (size_t run = 0; run < example.answers.size(); ++run) {
    const record::Answer* answer = example.answers[run];
    if (answer == nullptr) continue;
    html += cat("<section class=\"", series_class(run), "\"><h4>", escaped(run_names[run]),
                "</h4><p class=\"verdict\">", letter_html(*answer), " ", verdict_html(*answer),
                "</p>", reply_html(*answer), "</section>");
  }
  return html + "</div></article>\n";
}

}  // namespace lmc::report
