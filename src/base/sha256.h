// SHA-256, for the identity of images, checkpoints and prompts.
#pragma once

#include <memory>
#include <string>
#include <string_view>

namespace lmc {

class Sha256 {
 public:
  Sha256();
  ~Sha256();
  void update(std::string_view bytes);
  std::string hex();  // 64 lower-case digits; ends the computation

 private:
  struct State;
  std::unique_ptr<State> state_;
};

std::string sha256_hex(std::string_view bytes);
std::string sha256_hex_of_file(const std::string& path);

}  // namespace lmc
