#include "base/sha256.h"

#include <openssl/evp.h>

#include "base/check.h"       // LMC_CHECK
#include "base/input_file.h"  // InputFile

namespace lmc {

struct Sha256::State {
  EVP_MD_CTX* context = EVP_MD_CTX_new();
  ~State() { EVP_MD_CTX_free(context); }
};

Sha256::Sha256() : state_(std::make_unique<State>()) {
  // Looked up once: for short texts the look-up would cost more than the hash.
  static const EVP_MD* const kind = EVP_MD_fetch(nullptr, "SHA256", nullptr);
  LMC_CHECK(kind != nullptr && EVP_DigestInit_ex(state_->context, kind, nullptr) == 1);
}

Sha256::~Sha256() = default;

void Sha256::update(std::string_view bytes) {
  LMC_CHECK(EVP_DigestUpdate(state_->context, bytes.data(), bytes.size()) == 1);
}

std::string Sha256::hex() {
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned int size = 0;
  LMC_CHECK(EVP_DigestFinal_ex(state_->context, digest, &size) == 1);
  constexpr char kDigits[] = "0123456789abcdef";
  std::string text;
  for (unsigned int i = 0; i < size; ++i) {
    text += kDigits[digest[i] >> 4];
    text += kDigits[digest[i] & 15];
  }
  return text;
}

std::string sha256_hex(std::string_view bytes) {
  Sha256 hash;
  hash.update(bytes);
  return hash.hex();
}

// In pieces: a mapped file would count as this program's memory.
std::string sha256_hex_of_file(const std::string& path) {
  InputFile file(path);
  Sha256 hash;
  std::string piece(size_t{1} << 20U, '\0');
  for (size_t got = piece.size(); got == piece.size();) {
    got = file.read(piece.data(), piece.size());
    hash.update(std::string_view(piece.data(), got));
  }
  return hash.hex();
}

}  // namespace lmc
