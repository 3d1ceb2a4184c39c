// Whether an answer follows from the reasoning before it: the model's own reasoning is put back
// before the answer slot whole, left out, cut to half and exchanged for another question's, and the
// letters are compared there.
//
// A letter that stays the same without the reasoning, or with another question's, did not come from
// it. One that follows a lent reasoning shows that the model reads its own text, not that the text
// says what it saw.
// Half: the first half of the words, rounded down. The prompt is the one that asks for reasoning,
// with the question's own image.
// Source: truncated and corrupted reasoning: Lanham et al., arXiv 2307.13702.
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "infer/engine.h"      // Engine
#include "prompt/processor.h"  // Processor
#include "record/grounding.h"  // GroundingMetric
#include "record/probe.h"      // ReasoningProbe
#include "record/question.h"   // Question

namespace lmc::grounding {

// Answers to the real images, by question.
using RealAnswers = std::map<std::string, record::Answer>;

// Whose reasoning each is given: question -> donor. All questions whose reply has a letter stand in
// a ring in an order drawn from `seed`; each takes the next one's. Fewer than two: nobody.
std::map<std::string, std::string> donors(const RealAnswers& real, uint64_t seed);

// One line a question, in order; all their prompts are one batch. A question whose reply has no
// letter, whose image cannot be read or whose prompt is too long gets a line that says so.
std::vector<record::ReasoningProbe> probe_reasoning(
    infer::Engine& engine, const prompt::Processor& processor,
    std::span<const record::Question> questions, const RealAnswers& real,
    const std::map<std::string, std::string>& donor_of);

std::string first_half_of_words(std::string_view text);

// Metrics over the lines without an error; empty without such. Needs no model.
std::vector<record::GroundingMetric> faithfulness_metrics(
    std::span<const record::ReasoningProbe> probes);

}  // namespace lmc::grounding
