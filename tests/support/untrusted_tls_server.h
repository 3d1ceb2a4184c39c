// A TLS server whose certificate nobody vouches for: a client that checks certificates ends the
// handshake and sends nothing.
//
// Threads: one of its own; counts may be read from any.
#pragma once

#include <atomic>
#include <cstdint>
#include <string>
#include <thread>

namespace lmc::tests {

class UntrustedTlsServer {
 public:
  // Makes a key and a certificate for "localhost", signed by itself, and listens on 127.0.0.1.
  // Errors: std::runtime_error.
  UntrustedTlsServer();
  ~UntrustedTlsServer();
  UntrustedTlsServer(const UntrustedTlsServer&) = delete;
  UntrustedTlsServer& operator=(const UntrustedTlsServer&) = delete;

  int port() const { return port_; }
  std::string url(const std::string& path) const;

  int64_t num_connections() const { return num_connections_; }
  // Bytes a client sent after the handshake, such as a request with a key in it.
  int64_t num_bytes_received() const { return num_bytes_received_; }

 private:
  void serve(void* context);

  int listener_ = -1;
  int port_ = 0;
  std::atomic<int64_t> num_connections_{0};
  std::atomic<int64_t> num_bytes_received_{0};
  std::thread thread_;
};

}  // namespace lmc::tests
