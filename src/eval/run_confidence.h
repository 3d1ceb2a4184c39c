// What a run's confidence is worth, as result.json tells it.
#pragma once

#include <optional>
#include <span>

#include "record/answer.h"       // Answer
#include "record/calibration.h"  // Calibration
#include "record/confidence.h"   // Confidence

namespace lmc::eval {

// Absent where no answer has log-probabilities of the letters. With a calibration its confidences
// are described, else those of the model.
std::optional<record::Confidence> run_confidence(
    std::span<const record::Answer> answers,
    const std::optional<record::Calibration>& calibration = {});

}  // namespace lmc::eval
