#include "teacher/status.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <deque>
#include <unordered_map>

#include "base/check.h"          // InputError, cat
#include "base/clock.h"          // seconds_since_1970
#include "base/files.h"          // file_exists
#include "base/progress.h"       // format_duration
#include "base/utf8_edges.h"     // whole_characters
#include "record/explanation.h"  // for_each_explanation
#include "record/manifest.h"     // read_manifest
#include "record/run_files.h"    // ledger_manifest_path

namespace lmc::teacher {

namespace {

// The rate is that of the last questions finished within this time.
constexpr int64_t kRateSeconds = 600;
constexpr size_t kExampleBytes = 240;

std::string one_line(const std::string& text) {
  std::string line(whole_characters(text, kExampleBytes));
  for (char& c : line) {
    if (static_cast<unsigned char>(c) < 0x20) c = ' ';
  }
  return line.size() < text.size() ? line + " ..." : line;
}

int64_t total_of_manifest(const std::string& ledger) {
  const std::string path = record::ledger_manifest_path(ledger);
  if (!file_exists(path)) return 0;
  return json_get_or<int64_t>(record::read_manifest(path).further, "num_questions", path, 0);
}

// What must be known of a line to take it out again when a later one replaces it: not its texts.
struct Gist {
  bool accepted = false;
  bool gold_given = false;
  int64_t further = 0;
  std::string reason;
};

void count(LedgerStatus& status, const Gist& line, int64_t one) {
  status.finished += one;
  if (line.accepted) {
    status.accepted += one;
    if (line.gold_given) status.accepted_with_gold_given += one;
    status.further_reasonings += one * line.further;
  } else {
    status.rejected[line.reason].count += one;
  }
}

void add_example(LedgerStatus::Rule& rule, const record::Explanation& line, int64_t most) {
  if (static_cast<int64_t>(rule.examples.size()) >= most) return;
  rule.examples.push_back({line.question_id, line.answer, one_line(line.reply)});
}

std::string percent(int64_t part, int64_t whole) {
  char text[16];
  std::snprintf(text, sizeof text, "%.1f %%",
                whole > 0 ? 100.0 * static_cast<double>(part) / static_cast<double>(whole) : 0.0);
  return text;
}

}  // namespace

LedgerStatus ledger_status(const std::string& ledger, int64_t examples_a_rule) {
  LedgerStatus status;
  std::unordered_map<std::string, Gist> last_line;
  std::deque<int64_t> recent;
  record::for_each_explanation(ledger, [&](const record::Explanation& line) {
    const auto [place, is_new] = last_line.try_emplace(line.question_id);
    if (!is_new) count(status, place->second, -1);
    place->second = {line.accepted, line.mode == "rationalise",
                     static_cast<int64_t>(line.further_reasonings.size()), line.reason};
    count(status, place->second, 1);
    if (!line.accepted) add_example(status.rejected[line.reason], line, examples_a_rule);
    status.prompt_tokens += line.prompt_tokens;
    status.reply_tokens += line.reply_tokens;
    if (line.reached_gold >= 0) {
      status.samples += line.samples;
      status.reached_gold += line.reached_gold;
    }
    if (line.finished_at > 0) {
      recent.push_back(line.finished_at);
      while (recent.front() < recent.back() - kRateSeconds) recent.pop_front();
    }
  });
  std::erase_if(status.rejected, [](const auto& rule) { return rule.second.count == 0; });
  if (recent.size() > 1 && recent.back() > recent.front()) {
    status.per_minute = 60.0 * static_cast<double>(recent.size() - 1) /
                        static_cast<double>(recent.back() - recent.front());
  }
  if (!recent.empty()) {
    status.seconds_since = static_cast<double>(seconds_since_1970() - recent.back());
  }
  status.total = total_of_manifest(ledger);
  return status;
}

std::string describe(const LedgerStatus& status, const client::Prices& prices) {
  std::string text = cat(status.finished);
  if (status.total > 0) text += cat(" of ", status.total);
  text += cat(" questions finished: ", status.accepted, " accepted (",
              percent(status.accepted, status.finished), "), ", status.finished - status.accepted,
              " rejected\n");
  if (status.accepted_with_gold_given > 0 && status.samples > 0) {
    text += cat("  of the accepted, ", status.accepted_with_gold_given, " with the gold given\n");
  }
  if (status.further_reasonings > 0) {
    text += cat("  and ", status.further_reasonings, " further explanations\n");
  }
  if (status.samples > 0) {
    text += cat("  pass rate: ", percent(status.reached_gold, status.samples), " of ",
                status.samples, " samples reached the gold answer\n");
  }
  text += cat("  tokens: ", status.prompt_tokens, " + ", status.reply_tokens);
  if (prices.known()) {
    text += cat(", cost ", prices.of(status.prompt_tokens, status.reply_tokens));
  }
  text += "\n";
  if (status.per_minute > 0) {
    text += cat("  ", std::round(status.per_minute * 10) / 10, " questions a minute; the last ",
                format_duration(status.seconds_since), " ago");
    const int64_t left = status.total - status.finished;
    if (left > 0) {
      text += cat("; ", format_duration(60.0 * static_cast<double>(left) / status.per_minute),
                  " left at this rate");
    }
    text += "\n";
  }
  for (const auto& [reason, rule] : status.rejected) {
    text += cat("  ", reason, ": ", rule.count, "\n");
    for (const LedgerStatus::Example& example : rule.examples) {
      text += cat("    ", example.question_id, " [",
                  example.answer.empty() ? "no letter" : example.answer, "] ", example.reply, "\n");
    }
  }
  return text;
}

}  // namespace lmc::teacher
