// The first screen: what was found, in words and one image.
//
// Detail: nothing is said to be so that the metrics do not show. Where an interval holds zero, or
// Holm's p is not below 0.05, the words are "no difference is shown".
#include <cmath>

#include "base/check.h"  // cat
#include "report/contenders.h"
#include "report/html.h"  // escaped, fixed, percent
#include "report/look.h"
#include "report/sections.h"
#include "report/standing_chart.h"

namespace lmc::report {

namespace {

// A card beside the image: a question, the answer in a few words, and what it rests on.
struct Finding {
  std::string question;
  std::string answer;                // plain text
  std::vector<std::string> because;  // plain text, a paragraph each
};

std::string finding_html(const Finding& finding) {
  std::string body;
  for (const std::string& text : finding.because) {
    if (!text.empty()) body += cat("<p class=\"quiet\">", escaped(text), "</p>");
  }
  return cat("<section class=\"finding\"><h3>", escaped(finding.question), "</h3><p><b>",
             escaped(finding.answer), "</b></p>", body, "</section>\n");
}

std::string counted(int64_t count, const char* one, const char* many) {
  return cat(count, " ", count == 1 ? one : many);
}

// --- Who is right. ---

// Whom the subject is measured by: the reference, or of the others the best.
const Contender& opponent_in(const QuestionSet& set) {
  if (set.reference != set.subject) return set.contenders[set.reference];
  return set.contenders[set.subject == 0 ? 1 : 0];
}

struct Headline {
  std::string words;
  std::string because;
};

Headline headline_of_one(const record::Comparison& comparison, const Contender& one) {
  const double best_letter = comparison.runs[one.runs[0]].best_letter_accuracy;
  Headline headline;
  headline.words =
      cat(one.name, " is right in ", percent(one.accuracy), " of ", one.questions, " questions");
  if (!one.interval_95) return headline;
  const auto& [low, high] = *one.interval_95;
  headline.because =
      cat("95 % interval ", fixed(100 * low, 1), " to ", percent(high),
          ". Always giving the commonest letter would be right in ", percent(best_letter), ": ",
          low > best_letter    ? "the interval lies above that."
          : high < best_letter ? "the interval lies below that."
                               : "no skill beyond that is shown.");
  return headline;
}

std::string test_words(const record::Comparison& comparison, const Standing& standing) {
  std::string words;
  if (standing.mcnemar_p) words += cat(" Exact McNemar p = ", p_value(*standing.mcnemar_p));
  if (standing.holm_p && comparison.pairs.size() > 1) {
    words += cat(", adjusted for all ", comparison.pairs.size(), " pairs (Holm) ",
                 p_value(*standing.holm_p));
  }
  if (!words.empty()) words += ".";
  if (standing.verdict == Verdict::kNotShown && standing.equivalence_p) {
    words += *standing.equivalence_p < kSignificance
                 ? cat(" That they are alike within 2 points is shown (p = ",
                       p_value(*standing.equivalence_p), ", not adjusted).")
                 : " That they are alike is not shown either.";
  }
  return words;
}

Headline headline_of_set(const record::Comparison& comparison, const QuestionSet& set) {
  const Contender& subject = set.contenders[set.subject];
  if (set.contenders.size() == 1) return headline_of_one(comparison, subject);
  const Contender& opponent = opponent_in(set);
  const auto standing = standing_of(comparison, subject, opponent);
  if (!standing) return headline_of_one(comparison, subject);
  const std::string gap = fixed(100 * std::abs(standing->difference), 1);
  Headline headline;
  if (standing->verdict == Verdict::kNotShown) {
    headline.words =
        cat("No difference is shown between ", subject.name, " (", percent(subject.accuracy),
            ") and ", opponent.name, " (", percent(opponent.accuracy), ")");
  } else {
    headline.words =
        cat(subject.name, " is right in ", percent(subject.accuracy), " of ", subject.questions,
            " questions, ", gap, " points ",
            standing->verdict == Verdict::kAhead ? "more than " : "fewer than ", opponent.name);
  }
  headline.because =
      cat("Difference with its 95 % interval by image group: ", difference_words(*standing), ".",
          test_words(comparison, *standing));
  if (standing->seed_interval_95) {
    headline.because +=
        " The first interval is for other questions, the second for other seeds; both must leave "
        "zero out. Neither is adjusted for several comparisons.";
  }
  return headline;
}

// --- How sure it is. ---

// The subject where it has a confidence, else the first run that has one; null: none.
const record::Result* run_with_confidence(const record::Comparison& comparison,
                                          const std::vector<QuestionSet>& sets) {
  for (const QuestionSet& set : sets) {
    const record::Result& subject = comparison.runs[set.contenders[set.subject].runs[0]];
    if (subject.confidence && subject.confidence->answers > 0) return &subject;
  }
  for (const record::Result& run : comparison.runs) {
    if (run.confidence && run.confidence->answers > 0) return &run;
  }
  return nullptr;
}

std::string promise_words(const record::Confidence& confidence) {
  for (const record::RiskPromise& promise : confidence.promises) {
    if (!promise.point) continue;
    return cat("Answering only at a confidence of ", fixed(promise.point->threshold, 2),
               " or more leaves ", percent(promise.point->coverage),
               " answered; of new answers of this kind at most ", percent(promise.target),
               " are wrong (95 % certain).");
  }
  return confidence.promises.empty()
             ? std::string()
             : cat("No threshold keeps wrong answers at or below ",
                   percent(confidence.promises.back().target), " with 95 % certainty.");
}

Finding how_sure(const record::Comparison& comparison, const std::vector<QuestionSet>& sets) {
  Finding finding{"How sure is it, and rightly so?", {}, {}};
  const record::Result* run = run_with_confidence(comparison, sets);
  if (run == nullptr) {
    finding.answer = "Not measured.";
    finding.because = {
        "These answers have no probabilities. evaluate --mode likelihood or reasoned-likelihood "
        "gives a confidence."};
    return finding;
  }
  const record::Confidence& confidence = *run->confidence;
  double right = 0;
  for (const record::ConfidenceBin& bin : confidence.table) {
    right += bin.accuracy * static_cast<double>(bin.answers);
  }
  const record::Proportion share =
      record::proportion_of(static_cast<int64_t>(std::lround(right)), confidence.answers);
  const auto& [low, high] = share.interval_95;
  if (!confidence.mean_confidence || confidence.table.empty()) {
    finding.answer = cat("See the section on confidence, of ", run->name, ".");
  } else {
    const double mean = *confidence.mean_confidence;
    finding.answer = cat(run->name,
                         mean > high  ? " is surer than it is right: "
                         : mean < low ? " is less sure than it is right: "
                                      : " is about as sure as it is right: ",
                         "confidence ", percent(mean), ", right ", percent(share.accuracy));
  }
  finding.because.push_back(
      cat("Of ", counted(confidence.answers, "answer", "answers"), " with a confidence",
          confidence.ece ? cat("; expected calibration error ", fixed(*confidence.ece, 3)) : "",
          confidence.auroc
              ? cat("; confidence tells right from wrong with AUROC ", fixed(*confidence.auroc, 2))
              : "",
          "."));
  finding.because.push_back(promise_words(confidence));
  return finding;
}

// --- How many questions. ---

Finding how_many(const ReportData& data, const std::vector<QuestionSet>& sets) {
  const record::Comparison& comparison = data.comparison;
  const Contender& subject = sets[0].contenders[sets[0].subject];
  const record::Result& run = comparison.runs[subject.runs[0]];
  Finding finding{"On how many questions?", {}, {}};
  finding.answer = counted(run.overall.total, "question", "questions");
  if (run.image_groups > 0)
    finding.answer += cat(" on ", counted(run.image_groups, "image group", "image groups"));
  if (run.smallest_significant_gap && sets[0].contenders.size() > 1) {
    finding.because.push_back(cat("A gap of less than about ",
                                  fixed(100 * *run.smallest_significant_gap, 1),
                                  " points between two runs could not be told from chance here."));
  }
  int64_t unread = 0;
  int64_t errors = 0;
  for (const record::Result& one : comparison.runs) {
    unread += one.no_answer;
    errors += one.errors;
  }
  finding.because.push_back(cat("Over all runs, ", counted(unread, "reply", "replies"),
                                " without a letter and ", counted(errors, "question", "questions"),
                                " that could not be put; all count as wrong."));
  if (sets.size() > 1) {
    finding.because.push_back(
        cat(counted(static_cast<int64_t>(sets.size()), "set", "sets"),
            " of questions; runs on different ones are not ranked against each other."));
  }
  return finding;
}

Finding does_it_look(const ReportData& data) {
  const LookSummary look = summarise_looks(data.grounding);
  return {"Does it look at the image?", look.answer, look.because};
}

// The sets beside the first, folded away.
std::string other_sets(const record::Comparison& comparison, const std::vector<QuestionSet>& sets) {
  std::string html;
  for (size_t i = 1; i < sets.size(); ++i) {
    const int64_t questions = sets[i].contenders[0].questions;
    html += cat("<details><summary>On ", counted(questions, "other question", "other questions"),
                ": ", counted(static_cast<int64_t>(sets[i].contenders.size()), "run", "runs"),
                "</summary>\n", standing_html(comparison, sets[i]), "</details>\n");
  }
  return html;
}

}  // namespace

Section findings_section(const ReportData& data) {
  Section section{"findings", "What was found", {}};
  const std::vector<QuestionSet> sets =
      question_sets(data.comparison, data.manifests, data.reference);
  std::string cards;
  std::string image;
  Headline headline;
  if (!sets.empty()) {
    headline = headline_of_set(data.comparison, sets[0]);
    image = cat("<div>\n<h3>Right answers", sets[0].contenders.size() > 1 ? ", best first" : "",
                "</h3>\n", standing_html(data.comparison, sets[0]),
                "<p class=\"quiet\">Band: 95 % interval. Dashed: always giving the commonest "
                "letter.",
                data.comparison.seed_arms.empty() ? "" : " Rings: each seed of an arm.", "</p>\n",
                other_sets(data.comparison, sets), "</div>\n");
    cards = finding_html(does_it_look(data)) + finding_html(how_sure(data.comparison, sets)) +
            finding_html(how_many(data, sets));
  } else if (!data.grounding.empty()) {
    const Finding look = does_it_look(data);
    headline.words = cat(look.question, " ", look.answer);
    for (const std::string& text : look.because) headline.because += text + " ";
  } else {
    return section;
  }
  section.body = cat("<p class=\"headline\">", escaped(headline.words), "</p>\n",
                     headline.because.empty() ? "" : note(headline.because),
                     image.empty() ? ""
                                   : cat("<div class=\"findings\">\n", image,
                                         "<div class=\"cards\">\n", cards, "</div>\n</div>\n"));
  return section;
}

}  // namespace lmc::report
