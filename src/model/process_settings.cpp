#include "model/process_settings.h"

#include <ATen/Context.h>
#include <ATen/Parallel.h>

#include "model/gemm.h"          // limit_matmul_cache
#include "model/large_blocks.h"  // map_large_blocks

namespace lmc::model {

void apply(const ProcessSettings& settings) {
  map_large_blocks();
  limit_matmul_cache();
  if (settings.threads > 0) at::set_num_threads(settings.threads);
  if (settings.deterministic) at::globalContext().setDeterministicAlgorithms(true, false);
}

}  // namespace lmc::model
