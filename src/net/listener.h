// Takes connections, and sees to it that there is room for more.
//
// Where connections run out, the one for whose request the server has waited longest is dropped.
// Threads: the one of all connections, but for the constructor, port() and num_connections().
#pragma once

#include <atomic>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <memory>
#include <set>
#include <string>

#include "net/connection.h"   // Connection, ConnectionContext
#include "net/tls_context.h"  // TlsContext

namespace lmc::net {

class Listener {
 public:
  // Binds the port. `context` outlives the listener and its connections, and so does `tls`, which
  // may be null.
  // Errors: InputError when the port is taken.
  Listener(const ConnectionContext& context, TlsContext* tls);

  void start();
  void stop();  // takes no more, and lets those go that are not waiting for a reply

  int port() const { return port_; }
  size_t num_connections() const { return num_connections_; }

 private:
  using Tcp = boost::asio::ip::tcp;

  void bind();
  void accept_later();
  void accept_ready();
  bool make_room(const std::string* client);
  bool is_full_for(const std::string& client) const;
  void add(Tcp::socket socket);
  void forget(const std::shared_ptr<Connection>& connection);

  const ConnectionContext& server_;
  TlsContext* const tls_;
  Tcp::acceptor acceptor_;
  boost::asio::steady_timer retry_;
  std::set<std::shared_ptr<Connection>> connections_;
  std::atomic<size_t> num_connections_ = 0;
  int port_ = 0;
  bool is_stopping_ = false;
};

}  // namespace lmc::net
