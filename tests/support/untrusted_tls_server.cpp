#include "support/untrusted_tls_server.h"

#include <netinet/in.h>
#include <openssl/ec.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <memory>
#include <stdexcept>

namespace lmc::tests {

namespace {

template <auto kFree>
struct Freed {
  template <class T>
  void operator()(T* object) const {
    kFree(object);
  }
};

void check(bool good, const char* action) {
  if (!good) throw std::runtime_error(std::string("TLS test server: cannot ") + action);
}

// A context with a fresh key and a certificate that the key signed itself.
SSL_CTX* self_signed_context() {
  const std::unique_ptr<EVP_PKEY, Freed<EVP_PKEY_free>> key(EVP_EC_gen("P-256"));
  const std::unique_ptr<X509, Freed<X509_free>> certificate(X509_new());
  check(key && certificate, "make a key");
  constexpr long kDay_s = 86'400;
  X509_set_version(certificate.get(), X509_VERSION_3);
  ASN1_INTEGER_set(X509_get_serialNumber(certificate.get()), 1);
  X509_gmtime_adj(X509_getm_notBefore(certificate.get()), -kDay_s);
  X509_gmtime_adj(X509_getm_notAfter(certificate.get()), kDay_s);
  X509_set_pubkey(certificate.get(), key.get());
  X509_NAME* const name = X509_get_subject_name(certificate.get());
  X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC,
                             reinterpret_cast<const unsigned char*>("localhost"), -1, -1, 0);
  X509_set_issuer_name(certificate.get(), name);
  const std::unique_ptr<X509_EXTENSION, Freed<X509_EXTENSION_free>> names(
      X509V3_EXT_conf_nid(nullptr, nullptr, NID_subject_alt_name, "DNS:localhost"));
  check(names && X509_add_ext(certificate.get(), names.get(), -1) == 1, "name the certificate");
  check(X509_sign(certificate.get(), key.get(), EVP_sha256()) > 0, "sign the certificate");
  SSL_CTX* const context = SSL_CTX_new(TLS_server_method());
  check(context != nullptr && SSL_CTX_use_certificate(context, certificate.get()) == 1 &&
            SSL_CTX_use_PrivateKey(context, key.get()) == 1,
        "use the certificate");
  return context;
}

}  // namespace

UntrustedTlsServer::UntrustedTlsServer() {
  listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  auto* const any_address = reinterpret_cast<sockaddr*>(&address);
  check(::bind(listener_, any_address, size) == 0 && ::listen(listener_, SOMAXCONN) == 0 &&
            ::getsockname(listener_, any_address, &size) == 0,
        "listen");
  port_ = ntohs(address.sin_port);
  thread_ = std::thread([this, context = self_signed_context()] { serve(context); });
}

UntrustedTlsServer::~UntrustedTlsServer() {
  ::shutdown(listener_, SHUT_RDWR);  // ends accept()
  thread_.join();
  ::close(listener_);
}

std::string UntrustedTlsServer::url(const std::string& path) const {
  return "https://localhost:" + std::to_string(port_) + path;
}

void UntrustedTlsServer::serve(void* context) {
  // A client that was killed in the handshake must not take this process with it. Blocked in this
  // thread alone: ignored, it would be so in the programs that tests start, too.
  sigset_t broken_pipe;
  sigemptyset(&broken_pipe);
  sigaddset(&broken_pipe, SIGPIPE);
  pthread_sigmask(SIG_BLOCK, &broken_pipe, nullptr);
  const std::unique_ptr<SSL_CTX, Freed<SSL_CTX_free>> owned(static_cast<SSL_CTX*>(context));
  for (;;) {
    const int descriptor = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (descriptor < 0) return;
    ++num_connections_;
    const timeval patience{2, 0};
    ::setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    const std::unique_ptr<SSL, Freed<SSL_free>> tls(SSL_new(owned.get()));
    SSL_set_fd(tls.get(), descriptor);
    std::array<char, 4096> bytes;
    if (SSL_accept(tls.get()) == 1) {
      const int received = SSL_read(tls.get(), bytes.data(), bytes.size());
      if (received > 0) num_bytes_received_ += received;
    }
    ::close(descriptor);
  }
}

}  // namespace lmc::tests
