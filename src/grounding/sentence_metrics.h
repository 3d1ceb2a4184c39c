// How far sentence evidence can be trusted, from replies whose sentences speak of known places.
// Needs no model.
//
// Over the sentences that speak of a place of the question's boxes:
//   owed to the image  mean of log p(sentence | image) - log p(sentence | what stood in its place),
//                      and the share of the sentences that owe it more than a nat
//   pointing, energy, IoU   of each method's map against the places the sentence speaks of, beside
//                      chance (box_metrics.h)
//   own map against the others'   pointing of the sentence's own map less the mean of those of the
//                      reply's other sentences, at the same places: a map that shows the same for
//                      every sentence gets 0
// Intervals are a bootstrap over image groups.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "grounding/box_metrics.h"     // AgainstChance
#include "record/grounding.h"          // GroundingMetric, GroundingResult
#include "record/sentence_evidence.h"  // ReplyEvidence

namespace lmc::grounding {

// A sentence rests on the image when that makes it likelier than its blurred one by more than this:
// e-fold. Sentences of a student that cannot look owe it a fortieth of that (docs/STATISTICS.md).
inline constexpr double kOwedNats = 1;

// Replies with an error have none; empty without replies.
std::vector<record::GroundingMetric> sentence_metrics(
    std::span<const record::ReplyEvidence> replies);

// Of the methods "occlusion", "gradient" and "attention" those whose maps point to what their
// sentence speaks of more often than chance, by the lower end of the interval, in this run.
std::vector<std::string> trusted_methods(const record::GroundingResult& result);

// How often the maps of a method point to what their sentence speaks of, and how often a place drawn
// at random would; nothing when that was not measured.
std::optional<AgainstChance> pointing_of(const record::GroundingResult& result,
                                         std::string_view method);

}  // namespace lmc::grounding
