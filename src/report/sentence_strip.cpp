#include "report/sentence_strip.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "base/check.h"  // cat
#include "report/heat_map.h"
#include "report/html.h"       // escaped, fixed
#include "report/image_url.h"  // image_url

namespace lmc::report {

namespace {

// The drawing has the image's shape, told by its visual tokens; a square where they are not known.
std::string drawing(const record::ReplyEvidence& evidence, const std::string& inside) {
  const bool is_known = evidence.token_rows > 0 && evidence.token_columns > 0;
  const int64_t height = is_known ? evidence.token_rows : 1;
  const int64_t width = is_known ? evidence.token_columns : 1;
  return cat("<svg viewBox=\"0 0 ", width, " ", height,
             "\" role=\"img\" aria-label=\"where the sentence looked\"><svg width=\"", width,
             "\" height=\"", height, "\" viewBox=\"0 0 1000 1000\" preserveAspectRatio=\"none\">",
             inside, "</svg></svg>");
}

// Of all sentences: on one scale one that hangs on nothing shows nothing.
double strongest_of(const record::ReplyEvidence& evidence,
                    std::vector<double> record::SentenceEvidence::*map) {
  double strongest = 0;
  for (const record::SentenceEvidence& sentence : evidence.sentences) {
    strongest = std::max(strongest, largest_size(sentence.*map));
  }
  return strongest;
}

// Which of two maps is drawn; nothing to choose where there is but one.
std::string map_choice(const record::SentenceEvidence& sentence) {
  if (sentence.attention.empty()) return {};
  const bool is_alone = sentence.occlusion.empty();
  return cat("<p>",
             is_alone ? ""
                      : "<label><input type=\"checkbox\" class=\"of-occlusion\" checked> "
                        "occlusion</label> ",
             "<label><input type=\"checkbox\" class=\"of-relevance\"", is_alone ? " checked" : "",
             "> attention</label></p>");
}

std::string owed(const record::SentenceEvidence& sentence) {
  const auto blurred = sentence.without.find("blurred");
  if (blurred == sentence.without.end()) return {};
  const double nats = std::round((sentence.with_image - blurred->second) * 10) / 10;
  return cat("<span class=\"quiet\">owes the image ", fixed(nats == 0 ? 0 : nats, 1),
             " nats</span>");
}

}  // namespace

std::string sentence_strip_html(const record::ReplyEvidence& evidence,
                                const record::Question& question, const std::string& id) {
  const std::string url = image_url(question.image);
  const double occlusion = strongest_of(evidence, &record::SentenceEvidence::occlusion);
  const double attention = strongest_of(evidence, &record::SentenceEvidence::attention);
  std::string figures;
  for (const record::SentenceEvidence& sentence : evidence.sentences) {
    const std::string text = evidence.reply.substr(
        static_cast<size_t>(sentence.begin), static_cast<size_t>(sentence.end - sentence.begin));
    // The image stands in the page once, in the first figure.
    const std::string image =
        figures.empty() ? cat("<image id=\"", id, "\" href=\"", url,
                              "\" width=\"1000\" height=\"1000\" preserveAspectRatio=\"none\"/>")
                        : cat("<use href=\"#", id, "\"/>");
    figures +=
        cat("<figure class=\"map of-sentence\"><div class=\"mapped sentence\">",
            drawing(evidence, cat(url.empty() ? "" : image,
                                  map_cells("occlusion", evidence.rows, evidence.columns,
                                            sentence.occlusion, occlusion),
                                  map_cells("relevance", evidence.token_rows,
                                            evidence.token_columns, sentence.attention, attention),
                                  map_boxes(sentence.boxes))),
            "</div>", map_choice(sentence), "<figcaption>", escaped(text), " ", owed(sentence),
            "</figcaption></figure>\n");
  }
  if (figures.empty()) return {};
  return cat("<div class=\"strip\"><p>", escaped(question.question), "</p>\n<div class=\"maps\">\n",
             figures, "</div></div>\n");
}

}  // namespace lmc::report
