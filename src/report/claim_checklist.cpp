#include "report/claim_checklist.h"

#include <algorithm>
#include <functional>
#include <set>

#include "base/check.h"            // cat
#include "report/html.h"           // percent
#include "report/result_tables.h"  // groups_of, extractors_table
#include "report/sections.h"

namespace lmc::report {

namespace {

// The texts joined, each once, in their order.
std::string joined(const std::vector<std::string>& texts, const char* between = "; ") {
  std::set<std::string> seen;
  std::string all;
  for (const std::string& text : texts) {
    if (text.empty() || !seen.insert(text).second) continue;
    all += cat(all.empty() ? "" : between, text);
  }
  return all;
}

std::string as_words(const Json& value) {
  return value.is_string() ? value.get<std::string>() : to_text(value);
}

std::string member(const Json& object, const char* key) {
  if (!object.is_object() || !object.contains(key) || object[key].is_null()) return {};
  return as_words(object[key]);
}

// "key value" of each option that is there, of every manifest of the command.
std::string options_of(const ReportData& data, const std::string& command,
                       const std::vector<const char*>& keys) {
  std::vector<std::string> all;
  for (const NamedManifest& one : data.manifests) {
    if (!one.manifest || one.manifest->command != command) continue;
    std::vector<std::string> parts;
    for (const char* key : keys) {
      const std::string value = member(one.manifest->options, key);
      if (!value.empty()) parts.push_back(cat(key, " ", value));
    }
    all.push_back(joined(parts, ", "));
  }
  return joined(all);
}

// The same of what stands in the manifest itself, or (`in_result`) in the result beside it.
std::string members_of(const ReportData& data, const std::string& command, const char* key,
                       bool in_result = false) {
  std::vector<std::string> all;
  for (const NamedManifest& one : data.manifests) {
    if (!one.manifest || (!command.empty() && one.manifest->command != command)) continue;
    const std::string value = member(in_result ? one.result : record::to_json(*one.manifest), key);
    if (value.empty() || value == "{}") continue;
    all.push_back(in_result ? cat(one.name, " ", value) : value);
  }
  return joined(all);
}

std::string after(const char* words, const std::string& text) {
  return text.empty() ? "" : cat(words, text);
}

std::string sources(const ReportData& data) {
  std::vector<std::string> names;
  for (const record::Result& run : data.comparison.runs) {
    for (const auto& [source, share] : run.by_source) names.push_back(source);
  }
  return after("Questions of ", joined(names, ", "));
}

std::string partition(const ReportData& data) {
  std::vector<std::string> parts;
  for (const record::Result& run : data.comparison.runs) {
    for (const auto& [split, share] : run.by_split) {
      parts.push_back(cat(run.name, ": ", share.total, " of split ", split));
    }
  }
  return joined(parts);
}

std::string sample_sizes(const ReportData& data) {
  std::vector<std::string> parts;
  for (const record::Result& run : data.comparison.runs) {
    std::string text = cat(run.overall.total, " questions");
    if (run.smallest_significant_gap) {
      text += cat(", smallest significant gap ", fixed(100 * *run.smallest_significant_gap, 1),
                  " points");
    }
    parts.push_back(std::move(text));
  }
  return joined(parts);
}

std::string missing_data(const ReportData& data) {
  int64_t errors = 0;
  int64_t unread = 0;
  for (const record::Result& run : data.comparison.runs) {
    errors += run.errors;
    unread += run.no_answer;
  }
  return cat(
      "Questions that could not be put (", errors,
      " over all runs) and replies without a readable answer (", unread, ") count as wrong",
      after("; rows left out when preparing: ", members_of(data, "prepare", "left_out", true)));
}

std::string accuracies(const ReportData& data) {
  std::vector<std::string> parts;
  for (const record::Result& run : data.comparison.runs) {
    const auto& [low, high] = run.overall.interval_95;
    parts.push_back(cat(run.name, ": ", percent(run.overall.accuracy), " (", fixed(100 * low, 1),
                        " to ", fixed(100 * high, 1), ")"));
  }
  return joined(parts);
}

std::string measures(const ReportData& data) {
  std::string text = "Accuracy, accuracy balanced over letters, best single letter";
  const auto& runs = data.comparison.runs;
  if (std::any_of(runs.begin(), runs.end(), [](const auto& run) { return run.confidence; })) {
    text += ", calibration (ECE, MCE, Brier, NLL), AUROC, risk and coverage";
  }
  return text;
}

std::string tests(const ReportData& data) {
  std::string text = "95 % Wilson intervals";
  const auto& runs = data.comparison.runs;
  if (std::any_of(runs.begin(), runs.end(),
                  [](const auto& run) { return run.image_group_interval_95; })) {
    text += ", bootstrap over image groups";
  }
  if (!data.comparison.pairs.empty()) text += ", exact McNemar tests";
  return text;
}

// Empty: for the authors.
using Known = std::function<std::string(const ReportData&)>;

struct Item {
  int64_t number;
  const char* text;
  bool is_whole;  // what is known is all the item asks for
  Known known;
};

std::vector<Item> first_items() {
  return {
      {1, "Title: names the kind of AI method", false, nullptr},
      {2, "Abstract: design, methods, results, conclusions", false, nullptr},
      {3, "Background; intended use and clinical role", false,
       [](const ReportData&) { return std::string("Research use only; no clinical role."); }},
      {4, "Aims and hypotheses", false, nullptr},
      {5, "Prospective or retrospective", false, nullptr},
      {6, "Goal of the study", false, nullptr},
      {7, "Data sources", false, sources},
      {8, "Eligibility: how cases were found and chosen", false,
       [](const ReportData& data) {
         return after("Rows rejected when preparing: ",
                      members_of(data, "prepare", "rejected", true));
       }},
      {9, "Preprocessing", false,
       [](const ReportData& data) {
         return joined({options_of(data, "prepare", {"decode-images", "min-side"}),
                        options_of(data, "evaluate", {"max-image-area"})});
       }},
      {10, "Selection of subsets", false,
       [](const ReportData& data) {
         return joined({options_of(data, "prepare", {"split", "limit", "sample", "track"}),
                        options_of(data, "evaluate", {"split", "limit"})});
       }},
      {11, "Definitions of the data elements", true,
       [](const ReportData&) {
         return std::string("docs/FORMATS.md of the program: questions, answers, results");
       }},
      {12, "De-identification", false, nullptr},
      {13, "Missing data", true, missing_data},
      {14, "Reference standard: definition", false,
       [](const ReportData&) {
         return std::string("The gold option letter that came with each question");
       }},
      {15, "Reference standard: why it was chosen", false, nullptr},
      {16, "Annotators and their qualifications", false, nullptr},
      {17, "Annotation tools", false, nullptr},
      {18, "Variability within and between annotators", false, nullptr},
      {19, "Sample size and how it was determined", false, sample_sizes},
      {20, "How data were assigned to parts", false, partition},
      {21, "Level at which parts are disjoint", false,
       [](const ReportData& data) {
         return after("Checked against other parts: ",
                      options_of(data, "prepare", {"audit", "against"}));
       }},
  };
}

std::vector<Item> second_items() {
  return {
      {22, "The model", false,
       [](const ReportData& data) {
         return joined({options_of(data, "evaluate", {"model", "adapter"}),
                        options_of(data, "train", {"rank", "alpha", "target-modules"})});
       }},
      {23, "Software and versions", true,
       [](const ReportData& data) {
         return joined({after("litemedcot ", members_of(data, "", "version")),
                        after("commit ", members_of(data, "", "commit")),
                        after("compiler ", members_of(data, "", "compiler")),
                        after("libraries ", members_of(data, "", "libraries"))});
       }},
      {24, "How parameters were initialised", false,
       [](const ReportData& data) {
         return options_of(data, "train", {"model", "continue-from", "seed"});
       }},
      {25, "Training: augmentation, hyperparameters, number of models", true,
       [](const ReportData& data) {
         return options_of(data, "train",
                           {"target", "epochs", "steps", "batch", "learning-rate", "schedule",
                            "warmup", "weight-decay", "dropout", "clip", "option-order", "seed"});
       }},
      {26, "How the final model was chosen", false,
       [](const ReportData& data) {
         return joined({options_of(data, "train", {"validation", "patience"}),
                        after("best step: ", members_of(data, "train", "best_step", true))});
       }},
      {27, "Ensembles", true,
       [](const ReportData& data) {
         const std::string votes = options_of(data, "evaluate", {"samples"});
         return votes.empty() ? std::string("None: each run is one model") : votes;
       }},
      {28, "Measures of performance", true, measures},
      {29, "Statistical measures of significance and uncertainty", true, tests},
      {30, "Robustness or sensitivity", false,
       [](const ReportData& data) {
         return joined(
             {groups_of(data.comparison).empty() ? "" : "Accuracy by group",
              extractors_table(data.comparison).rows.empty() ? "" : "replies read by other rules",
              data.grounding.empty() ? "" : "answers under changed images"});
       }},
      {31, "Explainability and how it was validated", false,
       [](const ReportData& data) {
         return std::string(data.grounding.empty()
                                ? "The model's reasoning stands beside each answer"
                                : "The model's reasoning stands beside each answer; the grounding "
                                  "section tests whether answers rest on the image");
       }},
      {32, "External test data", false, sources},
      {33, "Flow of cases", false,
       [](const ReportData& data) {
         return joined({after("rows: ", members_of(data, "prepare", "rows", true)),
                        after("questions: ", members_of(data, "prepare", "questions", true))});
       }},
      {34, "Demographic and clinical characteristics", false, nullptr},
      {35, "Performance on every part of the data", false, accuracies},
      {36, "Estimates with their precision", true, accuracies},
      {37, "Failures looked at", false,
       [](const ReportData& data) {
         return std::string(data.questions.empty() || data.num_items == 0
                                ? ""
                                : "The list of all questions can be filtered for wrong answers");
       }},
      {38, "Limitations", false, nullptr},
      {39, "Implications for practice", false,
       [](const ReportData&) { return std::string("None: research use only."); }},
      {40, "Registration", false, nullptr},
      {41, "Where the protocol is", false,
       [](const ReportData&) {
         return std::string("Every option is in the manifests at the end of the report");
       }},
      {42, "Funding", false, nullptr},
  };
}

}  // namespace

Table claim_checklist(const ReportData& data) {
  Table table{"claim-checklist",
              "Checklist after CLAIM, filled from manifests and results",
              {{"number", {"number"}, true},
               {"item", {"item"}, true},
               {"what is known", {"known"}, true},
               {"state", {"state"}, true}},
              {}};
  std::vector<Item> items = first_items();
  for (Item& item : second_items()) items.push_back(std::move(item));
  for (const Item& item : items) {
    const std::string known = item.known ? item.known(data) : "";
    const char* state = known.empty() ? "authors" : item.is_whole ? "filled" : "partly";
    table.rows.push_back({count_cell(item.number), text_cell(item.text),
                          text_cell(known.empty() ? "for the authors to say" : known),
                          text_cell(state)});
  }
  return table;
}

Section checklist_section(const ReportData& data) {
  const Table table = claim_checklist(data);
  const auto count = [&](const char* state) {
    return std::count_if(table.rows.begin(), table.rows.end(),
                         [&](const auto& row) { return row[3].shown == state; });
  };
  return {"checklist", "Reporting checklist",
          cat(note(cat("After CLAIM 2020 (PMC8017414), items in our own words: ", count("filled"),
                       " filled, ", count("partly"), " in part, ", count("authors"),
                       " for the authors. It helps to report; it is no proof of quality.")),
              "<details><summary>The 42 items</summary>\n", table_html(table), "</details>\n")};
}

}  // namespace lmc::report
