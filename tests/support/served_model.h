// `litemedcot serve` in the background, on a port of its own, until the end of the scope.
#pragma once

#include <chrono>
#include <filesystem>
#include <memory>
#include <string>
#include <thread>

#include "base/subprocess.h"  // Subprocess
#include "support/run_program.h"

namespace lmc::tests {

class ServedModel {
 public:
  // `ready`: a file that is not there yet.
  ServedModel(const std::string& model, const std::string& ready)
      : server_({LMC_PROGRAM, "serve", "--model", model, "--port", "0", "--max-batch", "32",
                 "--ready-file", ready}) {
    for (int i = 0; i < 600 && !std::filesystem::exists(ready); ++i) {
      std::this_thread::sleep_for(std::chrono::milliseconds(100));
    }
    url_ = read_bytes(ready);
    url_.erase(url_.find_last_not_of('\n') + 1);
  }

  const std::string& url() const { return url_; }

 private:
  Subprocess server_;
  std::string url_;
};

}  // namespace lmc::tests
