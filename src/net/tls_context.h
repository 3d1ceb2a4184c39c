// The certificate and the key that a server shows its clients.
//
// Threads: any, once made.
#pragma once

#include <memory>
#include <string>

namespace boost::asio::ssl {
class context;
}

namespace lmc::net {

class TlsContext {
 public:
  // PEM: the certificate with those that vouch for it behind it; its private key without a
  // passphrase. TLS 1.2 and 1.3 are spoken.
  // Errors: InputError.
  TlsContext(const std::string& certificate_file, const std::string& key_file);
  ~TlsContext();
  TlsContext(const TlsContext&) = delete;
  TlsContext& operator=(const TlsContext&) = delete;

  boost::asio::ssl::context& context() { return *context_; }

 private:
  std::unique_ptr<boost::asio::ssl::context> context_;
};

}  // namespace lmc::net
