// What the clinician's page needs of a model beyond chat: questions as `evaluate` asks them, and
// probabilities that mean what they say.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/fields.h"         // Field
#include "prompt/processor.h"    // Processor
#include "record/calibration.h"  // Calibration
#include "serve/image_reader.h"  // ImageReader

namespace lmc::serve {

struct CaseOptions {
  std::string calibration;  // a file that `evaluate` wrote
  double sure_from = 0;

  std::vector<Field> fields();
};

struct CaseBackend {
  // The processor outlives it.
  // Errors: InputError for the file.
  CaseBackend(const prompt::Processor& model_processor, std::shared_ptr<ImageReader> image_reader,
              const CaseOptions& options);

  const prompt::Processor& processor;
  const std::shared_ptr<ImageReader> images;
  std::optional<record::Calibration> calibration;
  double sure_from = 0;  // an answer of less confidence is not named; 0: all are
};

}  // namespace lmc::serve
