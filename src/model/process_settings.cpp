#include "model/process_settings.h"

#include <ATen/Context.h>
#include <ATen/Parallel.h>

#include "model/large_blocks.h"  // map_large_blocks
#include "model/products.h"      // keep_few_products

namespace lmc::model {

void apply(const ProcessSettings& settings) {
  map_large_blocks();
  keep_few_products();
  if (settings.threads > 0) at::set_num_threads(settings.threads);
  if (settings.deterministic) at::globalContext().setDeterministicAlgorithms(true, false);
}

}  // namespace lmc::model
