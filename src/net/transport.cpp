#include "net/transport.h"

#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/write.hpp>
#include <utility>

namespace lmc::net {

namespace asio = boost::asio;

void Transport::close() {
  Error ignored;
  socket_.close(ignored);
}

void Transport::end_socket_and_drain(const std::function<void()>& ended) {
  Error error;
  socket_.shutdown(Socket::shutdown_send, error);
  error ? ended() : drain(ended);
}

void Transport::drain(const std::function<void()>& ended) {
  socket_.async_read_some(asio::buffer(dropped_), [this, ended](const Error& error, size_t) {
    error ? ended() : drain(ended);
  });
}

namespace {

class PlainTransport : public Transport {
 public:
  using Transport::Transport;

  void open(std::function<void(const Error&)> opened) override { opened({}); }

  void read(asio::mutable_buffer to, OnBytes on_bytes) override {
    socket_.async_read_some(to, std::move(on_bytes));
  }

  void write(const Buffers& bytes, OnBytes on_bytes) override {
    asio::async_write(socket_, bytes, std::move(on_bytes));
  }

  void end_and_drain(std::function<void()> ended) override { end_socket_and_drain(ended); }
};

class TlsTransport : public Transport {
 public:
  TlsTransport(Socket socket, asio::ssl::context& context)
      : Transport(std::move(socket)), stream_(socket_, context) {}

  void open(std::function<void(const Error&)> opened) override {
    stream_.async_handshake(asio::ssl::stream_base::server, std::move(opened));
  }

  void read(asio::mutable_buffer to, OnBytes on_bytes) override {
    stream_.async_read_some(to, std::move(on_bytes));
  }

  void write(const Buffers& bytes, OnBytes on_bytes) override {
    asio::async_write(stream_, bytes, std::move(on_bytes));
  }

  // A client that goes on sending makes the shutdown of TLS fail, which is no matter.
  void end_and_drain(std::function<void()> ended) override {
    stream_.async_shutdown(
        [this, ended = std::move(ended)](const Error&) { end_socket_and_drain(ended); });
  }

 private:
  asio::ssl::stream<Socket&> stream_;
};

}  // namespace

std::unique_ptr<Transport> make_transport(Transport::Socket socket, TlsContext* tls) {
  if (tls == nullptr) return std::make_unique<PlainTransport>(std::move(socket));
  return std::make_unique<TlsTransport>(std::move(socket), tls->context());
}

}  // namespace lmc::net
