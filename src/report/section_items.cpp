// Questions to look at: a few that stand for every pattern of right and wrong, and all of them in a
// list that a script filters.
//
// Detail: the list is JSON that the script shows page by page, because a document with every reply
// of thousands of questions would be too large for a phone. Without the script the first questions
// are there as a plain list.
#include <algorithm>
#include <cmath>
#include <filesystem>
#include <set>
#include <unordered_map>

#include "base/check.h"        // cat
#include "report/charts.h"     // kNumSeries
#include "report/examples.h"   // pick_examples, example_html
#include "report/html.h"       // escaped, script_json
#include "report/image_url.h"  // thumbnail_url
#include "report/sections.h"

namespace lmc::report {

namespace {

constexpr size_t kPlainItems = 50;

// The runs, then what they answered under other conditions.
struct AnswerSets {
  std::vector<std::string> names;
  std::vector<std::vector<record::Answer>> answers;
};

AnswerSets answer_sets(const ReportData& data) {
  AnswerSets sets;
  for (const record::Result& run : data.comparison.runs) sets.names.push_back(run.name);
  sets.answers = data.answers_by_run;
  for (const ConditionAnswers& condition : data.conditions) {
    sets.names.push_back(condition.name);
    sets.answers.push_back(condition.answers);
  }
  return sets;
}

std::vector<std::string> groups_of_question(const record::Question& question) {
  std::vector<std::string> groups;
  if (!question.modality.empty()) groups.push_back("modality: " + question.modality);
  if (!question.split.empty()) groups.push_back("split: " + question.split);
  if (!question.source.empty()) groups.push_back("source: " + question.source);
  return groups;
}

Json answer_json(const record::Answer* answer) {
  if (answer == nullptr) return nullptr;
  Json json = {{"letter", answer->letter}, {"right", record::is_right(*answer)}};
  if (!answer->reply.empty()) json["reply"] = answer->reply;
  if (answer->finish == "length") json["cut"] = true;
  if (!answer->error.empty()) json["error"] = answer->error;
  for (const auto& [letter, probability] : option_probabilities(*answer)) {
    constexpr double kShownDigits = 1e4;  // the list shows a tenth of a percent
    json["probabilities"][std::string(1, letter)] =
        std::round(probability * kShownDigits) / kShownDigits;
  }
  for (const record::AnswerSample& sample : answer->samples) json["votes"].push_back(sample.letter);
  return json;
}

// The images of the first `most` questions as the picker orders patterns, each once.
class Images {
 public:
  Images(const std::vector<record::Question>& questions,
         const std::vector<std::vector<record::Answer>>& answers, size_t most) {
    for (const Example& example : pick_examples(questions, answers, most)) {
      wanted_.insert(example.question->image);
    }
  }

  // Its place in the list; null: not in the page.
  Json place_of(const std::string& path) {
    if (!wanted_.contains(path)) return nullptr;
    const auto [it, is_new] = places_.emplace(path, nullptr);
    if (!is_new) return it->second;
    std::string url = thumbnail_url(path);
    if (url.empty()) return nullptr;
    it->second = urls_.size();
    urls_.push_back(std::move(url));
    return it->second;
  }

  const Json& urls() const { return urls_; }

 private:
  std::set<std::string> wanted_;
  std::unordered_map<std::string, Json> places_;
  Json urls_ = Json::array();
};

Json item_json(const Example& item, Images& images) {
  const record::Question& question = *item.question;
  Json json = {{"id", question.id},
               {"question", question.question},
               {"gold", std::string(1, question.answer)},
               {"picture", images.place_of(question.image)},
               {"file", std::filesystem::path(question.image).filename().string()},
               {"groups", groups_of_question(question)}};
  Json& options = json["options"] = Json::object();
  for (const auto& [letter, text] : question.options) options[std::string(1, letter)] = text;
  Json& answers = json["answers"] = Json::array();
  for (const record::Answer* answer : item.answers) answers.push_back(answer_json(answer));
  return json;
}

std::string plain_item(const Example& item, const std::vector<std::string>& names) {
  std::string letters;
  for (size_t run = 0; run < item.answers.size(); ++run) {
    const record::Answer* answer = item.answers[run];
    if (answer == nullptr) continue;
    letters += cat(letters.empty() ? "" : "; ", escaped(names[run]), ": ",
                   answer->letter.empty() ? "no answer" : escaped(answer->letter),
                   record::is_right(*answer) ? " right" : " wrong");
  }
  return cat("<li>", escaped(item.question->question), " <span class=\"quiet\">(",
             item.question->answer, " is correct; ", letters, ")</span></li>\n");
}

std::string option(const std::string& value, const std::string& text) {
  return cat("<option value=\"", escaped(value), "\">", escaped(text), "</option>");
}

std::string choice(const char* name, const std::string& label, const std::string& options) {
  return cat("<label>", label, "<select name=\"", name, "\">", options, "</select></label>\n");
}

std::string filters_html(const std::vector<std::string>& names,
                         const std::set<std::string>& groups) {
  std::string runs;
  for (size_t run = 0; run < names.size(); ++run) runs += option(std::to_string(run), names[run]);
  std::string all_groups = option("", "all");
  for (const std::string& group : groups) all_groups += option(group, group);
  return cat(
      "<form id=\"item-filters\" hidden autocomplete=\"off\">\n<div class=\"filters\">\n",
      choice("run", "Run or condition", option("", "any") + runs),
      choice("verdict", "Its answer",
             option("", "any") + option("right", "right") + option("wrong", "wrong") +
                 option("none", "none could be read") + option("error", "could not be asked")),
      choice("other", "Compared with", option("", "any other") + runs),
      choice("change", "Changed",
             option("", "changed or not") + option("differ", "right in one, wrong in the other") +
                 option("letters", "another letter") + option("gained", "wrong there, right here") +
                 option("lost", "right there, wrong here")),
      choice("group", "Questions", all_groups),
      "<label>Words in question or options<input type=\"search\" name=\"words\"></label>\n",
      "</div>\n<p class=\"pager\"><button type=\"button\" id=\"item-previous\">Previous</button> "
      "<button type=\"button\" id=\"item-next\">Next</button> <button type=\"reset\">All "
      "questions</button> <span id=\"item-status\" role=\"status\"></span></p>\n</form>\n");
}

}  // namespace

Section examples_section(const ReportData& data) {
  Section section{"examples", "Examples", {}};
  const std::vector<Example> examples =
      pick_examples(data.questions, data.answers_by_run, data.num_examples);
  if (examples.empty()) return section;
  std::vector<std::string> names;
  for (const record::Result& run : data.comparison.runs) names.push_back(run.name);
  section.body = cat(
      "<p class=\"quiet\">", examples.size(),
      " questions, picked in turn from every pattern of right and wrong over the runs: they are "
      "not a fair sample of how often each is right.</p>\n");
  for (const Example& example : examples) section.body += example_html(example, names);
  return section;
}

Section items_section(const ReportData& data) {
  Section section{"questions", "All questions", {}};
  const AnswerSets sets = answer_sets(data);
  const std::vector<Example> items = pick_examples(data.questions, sets.answers, data.num_items);
  if (items.empty()) return section;
  Images images(data.questions, sets.answers, data.num_images);
  std::set<std::string> groups;
  Json list = Json::array();
  std::string plain;
  for (const Example& item : items) {
    list.push_back(item_json(item, images));
    for (std::string& group : groups_of_question(*item.question)) groups.insert(std::move(group));
    if (list.size() <= kPlainItems) plain += plain_item(item, sets.names);
  }
  const Json all = {{"runs", sets.names},
                    {"evaluated", data.answers_by_run.size()},
                    {"series", kNumSeries},
                    {"pictures", images.urls()},
                    {"items", std::move(list)}};
  const std::string count = items.size() == data.questions.size()
                                ? cat("All ", items.size(), " questions")
                                : cat(items.size(), " of ", data.questions.size(),
                                      " questions, from every pattern of right and wrong");
  section.body =
      cat("<p class=\"quiet\">", count, " with what was answered; ", images.urls().size(),
          " images came along.</p>\n", filters_html(sets.names, groups),
          "<div id=\"item-list\"><p>Without its script this page lists the first ",
          std::min(kPlainItems, items.size()), ".</p>\n<ol>\n", plain,
          "</ol></div>\n<script type=\"application/json\" id=\"item-data\">", script_json(all),
          "</script>\n");
  return section;
}

}  // namespace lmc::report
