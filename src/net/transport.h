// The bytes of one connection, in the clear or by TLS.
//
// Threads: the one that runs the socket's io_context. At most one read and one write at a time.
// Whoever calls keeps the transport until its callbacks have run.
#pragma once

#include <array>
#include <boost/asio/buffer.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <cstddef>
#include <functional>
#include <memory>

#include "net/tls_context.h"  // TlsContext

namespace lmc::net {

class Transport {
 public:
  using Socket = boost::asio::ip::tcp::socket;
  using Error = boost::system::error_code;
  using OnBytes = std::function<void(const Error&, size_t num_bytes)>;
  using Buffers = std::array<boost::asio::const_buffer, 2>;

  explicit Transport(Socket socket) : socket_(std::move(socket)) {}
  virtual ~Transport() = default;
  Transport(const Transport&) = delete;
  Transport& operator=(const Transport&) = delete;

  // Before anything is read or written.
  virtual void open(std::function<void(const Error&)> opened) = 0;
  // What has come, at least a byte.
  virtual void read(boost::asio::mutable_buffer to, OnBytes on_bytes) = 0;
  // All of it.
  virtual void write(const Buffers& bytes, OnBytes on_bytes) = 0;
  // Ends this side, then reads and drops what the other still sends, up to its end. A reset at
  // once, as for what was never read, could take the last reply from the client.
  virtual void end_and_drain(std::function<void()> ended) = 0;

  // Both ways, at once.
  void close();

 protected:
  void end_socket_and_drain(const std::function<void()>& ended);

  Socket socket_;

 private:
  void drain(const std::function<void()>& ended);

  std::array<char, 16384> dropped_;
};

// `tls` outlives the transport; null: in the clear.
std::unique_ptr<Transport> make_transport(Transport::Socket socket, TlsContext* tls);

}  // namespace lmc::net
