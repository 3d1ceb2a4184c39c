// For tests: a certificate for "localhost" that its own key has signed, by the openssl program.
#pragma once

#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

#include "base/check.h"       // LMC_CHECK
#include "base/subprocess.h"  // Subprocess

namespace lmc::net {

class SelfSigned {
 public:
  // False: the program is missing.
  static bool can_be_made() { return std::system("openssl version > /dev/null 2>&1") == 0; }

  // `passphrase` hides the key where it is not empty.
  explicit SelfSigned(const std::string& passphrase = "") {
    folder_ = (std::filesystem::temp_directory_path() / "lmc-certificate-XXXXXX").string();
    LMC_CHECK(::mkdtemp(folder_.data()) != nullptr, "no folder for a certificate");
    std::vector<std::string> command = {"openssl",
                                        "req",
                                        "-x509",
                                        "-newkey",
                                        "ec",
                                        "-pkeyopt",
                                        "ec_paramgen_curve:prime256v1",
                                        "-keyout",
                                        key(),
                                        "-out",
                                        certificate(),
                                        "-days",
                                        "2",
                                        "-subj",
                                        "/CN=localhost",
                                        "-addext",
                                        "subjectAltName=DNS:localhost"};
    if (passphrase.empty()) {
      command.emplace_back("-nodes");
    } else {
      command.insert(command.end(), {"-passout", "pass:" + passphrase});
    }
    LMC_CHECK(Subprocess(command).wait() == 0, "no certificate was made");
  }
  ~SelfSigned() { std::filesystem::remove_all(folder_); }
  SelfSigned(const SelfSigned&) = delete;
  SelfSigned& operator=(const SelfSigned&) = delete;

  std::string certificate() const { return folder_ + "/certificate.pem"; }
  std::string key() const { return folder_ + "/key.pem"; }

 private:
  std::string folder_;
};

}  // namespace lmc::net
