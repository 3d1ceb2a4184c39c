#include "net/tls_context.h"

#include <boost/asio/buffer.hpp>
#include <boost/asio/ssl/context.hpp>

#include "base/check.h"  // InputError, cat
#include "base/files.h"  // read_file

namespace lmc::net {

namespace {

namespace asio = boost::asio;
using Error = boost::system::error_code;

void check_file(const Error& error, const std::string& file, const char* expected) {
  if (error) throw InputError(file, cat("expected ", expected, " (", error.message(), ")"));
}

}  // namespace

TlsContext::TlsContext(const std::string& certificate_file, const std::string& key_file)
    : context_(std::make_unique<asio::ssl::context>(asio::ssl::context::tls_server)) {
  using Context = asio::ssl::context;
  const std::string certificate = read_file(certificate_file);
  const std::string key = read_file(key_file);
  context_->set_options(Context::default_workarounds | Context::no_sslv2 | Context::no_sslv3 |
                        Context::no_tlsv1 | Context::no_tlsv1_1);
  SSL_CTX_set_options(context_->native_handle(), SSL_OP_NO_RENEGOTIATION);
  // Nobody is asked at the terminal.
  context_->set_password_callback([](size_t, Context::password_purpose) { return std::string(); });
  Error error;
  context_->use_certificate_chain(asio::buffer(certificate), error);
  check_file(error, certificate_file, "a certificate in PEM");
  context_->use_private_key(asio::buffer(key), Context::pem, error);
  check_file(error, key_file, "the private key of the certificate in PEM, without a passphrase");
}

TlsContext::~TlsContext() = default;

}  // namespace lmc::net
