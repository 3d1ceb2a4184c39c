#include "report/audit_page.h"

#include <algorithm>
#include <filesystem>

#include "base/check.h"        // cat
#include "image/traits.h"      // treatment_of
#include "report/charts.h"     // count_chart
#include "report/html.h"       // escaped, percent
#include "report/image_url.h"  // image_url
#include "report/web.h"        // kPageStyle, kAuditStyle

namespace lmc::report {

namespace {

constexpr size_t kShownPairs = 8;

double share(int64_t part, int64_t whole) {
  return whole == 0 ? 0 : static_cast<double>(part) / static_cast<double>(whole);
}

// 226948 -> "226,948".
std::string number(int64_t value) {
  std::string digits = std::to_string(value);
  for (auto place = static_cast<int64_t>(digits.size()) - 3; place > 0; place -= 3) {
    digits.insert(static_cast<size_t>(place), 1, ',');
  }
  return digits;
}

std::string cell(const std::string& label, const std::string& html, const char* style = "") {
  return cat("<td", *style ? cat(" class=\"", style, "\"") : "", " data-label=\"", escaped(label),
             "\">", html, "</td>");
}

std::string name_cell(const std::string& name) {
  return cat("<td class=\"name\">", escaped(name), "</td>");
}

std::string metric(int64_t value, const std::string& label) {
  return cat("<div><b>", number(value), "</b><span>", escaped(label), "</span></div>");
}

std::string interval(const record::Proportion& one) {
  return cat(fixed(100 * one.interval_95[0], 1), " to ", percent(one.interval_95[1]));
}

int64_t num_rejected(const record::Audit& audit) {
  int64_t rows = 0;
  for (const record::RejectedReason& reason : audit.rejected) rows += reason.rows;
  return rows;
}

std::string item(const std::string& text) { return cat("<li>", escaped(text), "</li>\n"); }

// " (rows 3, 17, ...)".
std::string rows_text(const record::Audit& audit, const std::string& note) {
  const auto found = audit.note_rows.find(note);
  if (found == audit.note_rows.end() || found->second.empty()) return {};
  std::string rows;
  for (const int64_t row : found->second) rows += cat(rows.empty() ? "" : ", ", row);
  const bool is_all = static_cast<int64_t>(found->second.size()) == audit.notes.at(note);
  return cat(found->second.size() == 1 ? " (row " : " (rows ", rows, is_all ? ")" : ", ...)");
}

// What a reader should know first, in words.
std::string findings_section(const record::Audit& audit) {
  std::string items;
  for (const auto& [note, count] : audit.notes) {
    items += item(cat(note, ": ", number(count), rows_text(audit, note)));
  }
  for (const record::AuditedSplit& split : audit.splits) {
    const std::string of_split = split.name.empty() ? "" : cat(" in \"", split.name, "\"");
    items +=
        item(cat("Always answering ", std::string(1, split.best_letter), of_split, " scores ",
                 percent(split.best_constant.accuracy), ": the floor that a model must beat."));
    if (split.longest_option.interval_95[0] > split.longest_option_chance) {
      items += item(cat("The longest option", of_split, " is right in ",
                        percent(split.longest_option.accuracy), ", where ",
                        percent(split.longest_option_chance),
                        " would be chance: lengths give the answer away."));
    }
  }
  for (const record::Overlap& one : audit.overlaps) {
    if (one.same_pixels + one.near_pairs + one.same_groups == 0) continue;
    items += item(cat("\"", one.first, "\" and \"", one.second, "\" share ",
                      number(one.same_pixels), " images, ", number(one.near_pairs),
                      " near-duplicate pairs and ", number(one.same_groups), " groups."));
  }
  if (audit.duplicates.other_gold_text > 0) {
    items += item(cat(number(audit.duplicates.other_gold_text),
                      " rows ask what an earlier row asks of the same image, and have another "
                      "answer."));
  }
  if (items.empty()) items = item("Nothing stands out.");
  return cat("<h2>What to know first</h2>\n<ul>\n", items, "</ul>\n");
}

std::string rows_section(const record::Audit& audit) {
  return cat("<div class=\"figures\">", metric(audit.rows, "rows read"),
             metric(audit.questions, "questions"), metric(num_rejected(audit), "rows rejected"),
             metric(audit.left_out, "left out on request"), "</div>\n");
}

std::string rejected_section(const record::Audit& audit) {
  if (audit.rejected.empty()) return "";
  std::string html =
      "<h2>Rejected rows</h2>\n<table><thead><tr><th>reason</th><th>rows</th><th>share</th>"
      "<th class=\"text\">the first: row, and what was found</th></tr></thead><tbody>\n";
  for (const record::RejectedReason& reason : audit.rejected) {
    std::string rows;
    for (const record::RejectedRow& row : reason.first) {
      rows += cat("<li>", number(row.row), row.detail.empty() ? "" : ": ", escaped(row.detail),
                  "</li>");
    }
    html += cat("<tr>", name_cell(reason.reason), cell("rows", number(reason.rows)),
                cell("share", percent(share(reason.rows, audit.rows))),
                cell("the first", cat("<ul>", rows, "</ul>"), "text"), "</tr>\n");
  }
  return html +
         "</tbody></table>\n<p class=\"quiet\">Rows count from 1, a header not counted. All of "
         "them stand in rejected.jsonl.</p>\n";
}

std::string letters_section(const record::Audit& audit) {
  std::string rows;
  std::string charts;
  for (const record::AuditedSplit& split : audit.splits) {
    const std::string name = split.name.empty() ? "(no split)" : split.name;
    const double lift = split.longest_option.accuracy - split.longest_option_chance;
    rows += cat("<tr>", name_cell(name), cell("questions", number(split.questions)),
                cell("best letter", cat(escaped(std::string(1, split.best_letter)), ", ",
                                        percent(split.best_constant.accuracy))),
                cell("longest option", cat("<b>", percent(split.longest_option.accuracy), "</b>")),
                cell("95 % interval", interval(split.longest_option)),
                cell("by chance", percent(split.longest_option_chance)),
                cell("length adds", cat(lift < 0 ? "" : "+", fixed(100 * lift, 1), " points")),
                "</tr>\n");
    std::vector<CountBar> bars;
    for (const auto& [letter, count] : split.gold_letters) {
      bars.push_back({std::string(1, letter), count});
    }
    charts += cat("<figure><figcaption>", escaped(name), "</figcaption>",
                  count_chart(bars, cat("gold letters of ", name)), "</figure>");
  }
  return cat(
      "<h2>Letters and lengths</h2>\n<div class=\"letters\">", charts,
      "</div>\n<table><thead><tr><th>split</th><th>questions</th><th>best letter</th>"
      "<th>longest option</th><th>95 % interval</th><th>by chance</th><th>length adds</th></tr>"
      "</thead><tbody>\n",
      rows,
      "</tbody></table>\n<p class=\"quiet\">Best letter: what always giving the commonest gold "
      "letter scores; a model must beat it. Longest option: what always choosing the option with "
      "most characters scores (of equals the first), with its 95 % Wilson interval. By chance: "
      "what that choice would score if lengths said nothing but letters keep their shares, the sum "
      "over the letters of P(longest) times P(gold). Only what lies above it is a leak through "
      "length: a plain comparison with 25 % would count the letters' prior as one.</p>\n");
}

std::string duplicates_section(const record::Duplicates& found) {
  std::string examples;
  for (const record::RepeatedRows& rows : found.first) {
    examples += cat("<li>rows ", number(rows.first_row), " and ", number(rows.second_row), ": ",
                    escaped(rows.question), "</li>\n");
  }
  return cat(
      "<h2>Repeated questions</h2>\n<div class=\"figures\">",
      metric(found.same_question, "rows repeat image, question and options"),
      metric(found.other_gold_letter, "of them with another gold letter"),
      metric(found.other_gold_text, "same image and question, other answer"),
      metric(found.shared_texts, "question texts on several rows"),
      metric(found.contested_texts, "of them with several answers"), "</div>\n",
      examples.empty() ? "" : cat("<ul>\n", examples, "</ul>\n"),
      "<p class=\"quiet\">Texts are compared in lower case, with single blanks. A text that many "
      "rows share (\"Which modality is this?\") is no fault; one image with two answers "
      "is.</p>\n");
}

// What decoding does about a kind of image.
std::string treatment(const std::string& kind) {
  for (size_t i = 0; i < image::kTraitNames.size(); ++i) {
    if (kind == image::kTraitNames[i]) {
      return std::string(image::treatment_of(static_cast<image::Trait>(i)));
    }
  }
  return "cannot be decoded";
}

std::string kinds_table(const std::vector<record::ImageKind>& kinds) {
  if (kinds.empty()) {
    return "<p>All are upright 8-bit grey or RGB: every program shows them alike.</p>\n";
  }
  std::string rows;
  for (const record::ImageKind& kind : kinds) {
    std::string first;
    for (const std::string& path : kind.first) first += cat(first.empty() ? "" : ", ", path);
    rows += cat("<tr>", name_cell(kind.kind), cell("images", number(kind.images)),
                cell("what is done", escaped(treatment(kind.kind)), "text"),
                cell("the first", escaped(first), "text"), "</tr>\n");
  }
  return cat(
      "<p>These are no upright 8-bit grey or RGB, and other programs may show them otherwise. All "
      "stages, and the teacher, see the same decoded pixels.</p>\n<table><thead><tr><th>kind</th>"
      "<th>images</th><th class=\"text\">what is done</th><th class=\"text\">the first</th>"
      "</tr></thead><tbody>\n",
      rows, "</tbody></table>\n");
}

std::string images_section(const record::AuditedImages& images) {
  if (!images.looked_at) {
    return "<h2>Images</h2>\n<p>Images were not looked at.</p>\n";
  }
  std::vector<CountBar> bars;
  for (const record::SizeBin& bin : images.sizes) {
    bars.push_back({std::to_string(bin.from_px), bin.images});
  }
  return cat(
      "<h2>Images</h2>\n<div class=\"figures\">", metric(images.files, "image files"),
      metric(images.distinct_files, "distinct by their bytes"),
      metric(images.distinct_pixels, "distinct by their pixels"),
      metric(images.rows_missing, "rows rejected: missing"),
      metric(images.rows_unreadable, "rows rejected: unreadable"),
      metric(images.undecodable, "cannot be decoded"),
      metric(images.below_28_px, "shorter side below 28 px"),
      metric(images.above_1024_px, "longer side above 1024 px"),
      "</div>\n<figure class=\"sizes\"><figcaption>Longer side, from so many pixels</figcaption>",
      count_chart(bars, "images by their longer side, from so many pixels"), "</figure>\n",
      kinds_table(images.kinds));
}

std::string overlaps_section(const record::Audit& audit) {
  std::string rows;
  size_t num_empty = 0;
  for (const record::Overlap& one : audit.overlaps) {
    if (one.is_empty()) {
      ++num_empty;
      continue;
    }
    rows += cat(
        "<tr>", name_cell(cat(one.first, " \u2229 ", one.second)),
        cell("same file", number(one.same_files)), cell("same pixels", number(one.same_pixels)),
        cell("near pairs", number(one.near_pairs)), cell("question texts", number(one.same_texts)),
        cell("groups", number(one.same_groups)), "</tr>\n");
  }
  std::string html = "<h2>Shared between parts</h2>\n";
  if (audit.overlaps.empty()) return html + "<p>There is one part only: nothing to compare.</p>\n";
  if (!rows.empty()) {
    html += cat(
        "<table><thead><tr><th>parts</th><th>same file</th><th>same pixels</th><th>near pairs</th>"
        "<th>question texts</th><th>groups</th></tr></thead><tbody>\n",
        rows, "</tbody></table>\n");
  }
  if (num_empty > 0) {
    html += cat("<p>", num_empty, num_empty == 1 ? " pair" : " pairs",
                " of parts: nothing in common.</p>\n");
  }
  return cat(html,
             "<p class=\"quiet\">A part is a split of this set, or of another one (its name stands "
             "before the colon). Counted are distinct images, texts and groups that both have; a "
             "group is what shares an image or an article. Near: other pixels, and perceptual "
             "hashes (64-bit DCT) at most ",
             audit.near_distance, " bits apart",
             audit.images.looked_at
                 ? cat("; ", number(audit.images.not_comparable),
                       " tiny (a side below 32 px) or flat images of this set are left out")
                 : "",
             ". They are candidates: images of one kind, such as chest radiographs, can be near "
             "without being copies.</p>\n");
}

std::string image_html(const std::string& folder, const std::string& part,
                       const std::string& image) {
  const std::string url = image_url((std::filesystem::path(folder) / image).string(), 200);
  return cat("<div>",
             url.empty() ? std::string("<p>(cannot be shown)</p>")
                         : cat("<img src=\"", url, "\" alt=\"image of ", escaped(part), "\">"),
             "<p><b>", escaped(part), "</b><br>",
             escaped(std::filesystem::path(image).filename().string()), "</p></div>");
}

std::string near_pairs_section(const record::Audit& audit, const std::string& folder) {
  if (audit.near_pairs.empty()) return "";
  std::string pairs;
  for (size_t i = 0; i < std::min(kShownPairs, audit.near_pairs.size()); ++i) {
    const record::NearPair& pair = audit.near_pairs[i];
    pairs += cat("<figure class=\"pair\"><div>", image_html(folder, pair.first, pair.first_image),
                 image_html(folder, pair.second, pair.second_image), "</div><p class=\"quiet\">",
                 pair.distance, " of 64 bits differ</p></figure>\n");
  }
  return cat(
      "<h2>Near-duplicates across parts</h2>\n<p>The nearest pairs.</p>\n<div "
      "class=\"pairs\">\n",
      pairs, "</div>\n");
}

}  // namespace

std::string audit_page(const record::Audit& audit, const std::string& folder) {
  const std::string title = cat("Audit of ", audit.source);
  return cat(
      "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>",
      escaped(title), "</title>\n<style>", kPageStyle, kAuditStyle,
      "</style>\n</head>\n<body>\n<h1>", escaped(title),
      "</h1>\n<p class=\"quiet\">Made by litemedcot prepare",
      audit.track.empty() ? "" : cat(", evaluation track ", escaped(audit.track)),
      ". The same metrics as numbers: audit.json.</p>\n", rows_section(audit),
      findings_section(audit), rejected_section(audit), letters_section(audit),
      duplicates_section(audit.duplicates), images_section(audit.images), overlaps_section(audit),
      near_pairs_section(audit, folder), "</body>\n</html>\n");
}

}  // namespace lmc::report
