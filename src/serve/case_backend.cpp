#include "serve/case_backend.h"

#include <utility>

namespace lmc::serve {

std::vector<Field> CaseOptions::fields() {
  return {
      {"calibration",
       "calibration.json of this model (evaluate --calibrate): the page's probabilities follow it",
       as_file(&calibration)},
      {"sure-from", "confidence below which the page says \"not sure\"; 0: it names every answer",
       &sure_from, from_to(0, 1)},
  };
}

CaseBackend::CaseBackend(const prompt::Processor& model_processor,
                         std::shared_ptr<ImageReader> image_reader, const CaseOptions& options)
    : processor(model_processor), images(std::move(image_reader)), sure_from(options.sure_from) {
  if (!options.calibration.empty()) calibration = record::read_calibration(options.calibration);
}

}  // namespace lmc::serve
