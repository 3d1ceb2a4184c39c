#include "net/listener.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "base/check.h"  // InputError

// Each of these calls gives its error twice; the argument is read, the return value is not.
// NOLINTBEGIN(bugprone-unused-return-value)

namespace lmc::net {

namespace {

namespace asio = boost::asio;
using Tcp = asio::ip::tcp;
using Error = boost::system::error_code;
using namespace std::chrono_literals;

// A burst of clients waits here to be taken, instead of trying again in seconds.
constexpr int kBacklog = 1024;
// A connection that is younger is not dropped to make room for another.
constexpr auto kGrace = 250ms;
constexpr auto kRetryAccept = 50ms;

// Whose connections are counted together: an IPv4 address, or the half of an IPv6 address that a
// network gives to one customer. Empty: this machine, which is not counted.
std::string client_of(const asio::ip::address& address) {
  if (address.is_loopback()) return "";
  if (address.is_v4()) return address.to_string();
  const asio::ip::address_v6 six = address.to_v6();
  if (six.is_v4_mapped()) {
    const auto four = asio::ip::make_address_v4(asio::ip::v4_mapped, six);
    return four.is_loopback() ? "" : four.to_string();
  }
  const auto bytes = six.to_bytes();
  return {bytes.begin(), bytes.begin() + bytes.size() / 2};
}

}  // namespace

Listener::Listener(const ConnectionContext& context, TlsContext* tls)
    : server_(context), tls_(tls), acceptor_(context.io), retry_(context.io) {
  bind();
}

void Listener::bind() {
  const HttpServerOptions& options = server_.options;
  Error error;
  Tcp::resolver resolver(server_.io);
  const auto found =
      resolver.resolve(options.host, std::to_string(options.port),
                       Tcp::resolver::passive | Tcp::resolver::numeric_service, error);
  for (const auto& entry : found) {
    acceptor_.open(entry.endpoint().protocol(), error);
    // Not SO_REUSEPORT: two servers would share one port without knowing.
    if (!error) acceptor_.set_option(Tcp::acceptor::reuse_address(true), error);
    if (!error) acceptor_.bind(entry.endpoint(), error);
    if (!error) acceptor_.listen(kBacklog, error);
    if (!error) acceptor_.non_blocking(true, error);
    if (!error) {
      port_ = acceptor_.local_endpoint().port();
      return;
    }
    acceptor_.close();
  }
  throw InputError(url_authority(options.host, options.port), "cannot listen on this address",
                   "another program may hold the port");
}

void Listener::start() {
  if (is_stopping_) return;
  acceptor_.async_wait(Tcp::acceptor::wait_read, [this](const Error& error) {
    if (!error) accept_ready();
  });
}

void Listener::stop() {
  is_stopping_ = true;
  Error ignored;
  acceptor_.close(ignored);
  retry_.cancel();
  for (const auto& connection : std::set(connections_)) connection->close_unless_busy();
}

// Whoever cannot be taken waits in the backlog.
void Listener::accept_later() {
  retry_.expires_after(kRetryAccept);
  retry_.async_wait([this](const Error& error) {
    if (!error) start();
  });
}

void Listener::accept_ready() {
  if (is_stopping_) return;
  const bool is_full = connections_.size() >= server_.options.max_connections;
  if (is_full && !make_room(nullptr)) return accept_later();
  Error error;
  Tcp::socket socket(server_.io);
  acceptor_.accept(socket, error);
  if (!error) {
    add(std::move(socket));
  } else if (error != asio::error::would_block && error != asio::error::connection_aborted) {
    // Descriptors or memory ran out.
    make_room(nullptr);
    return accept_later();
  }
  start();
}

// Drops the connection for whose request the server has waited longest: of all, or of those of one
// client. False: there is none.
bool Listener::make_room(const std::string* client) {
  std::shared_ptr<Connection> oldest;
  auto since = Connection::Clock::now() - kGrace;
  for (const auto& connection : connections_) {
    const auto start = connection->waited_for_since();
    if (!start || *start > since || (client != nullptr && connection->client() != *client)) {
      continue;
    }
    oldest = connection;
    since = *start;
  }
  if (oldest) oldest->close();
  return oldest != nullptr;
}

bool Listener::is_full_for(const std::string& client) const {
  if (client.empty()) return false;
  const auto num_held =
      std::count_if(connections_.begin(), connections_.end(),
                    [&](const auto& connection) { return connection->client() == client; });
  return static_cast<size_t>(num_held) >= server_.options.max_connections_per_client;
}

void Listener::add(Tcp::socket socket) {
  Error error;
  const Tcp::endpoint peer = socket.remote_endpoint(error);
  if (error) return;  // it has left
  socket.set_option(Tcp::no_delay(true), error);
  std::string client = client_of(peer.address());
  if (is_full_for(client) && !make_room(&client)) return;
  const auto connection = std::make_shared<Connection>(
      server_, make_transport(std::move(socket), tls_), std::move(client),
      [this](const std::shared_ptr<Connection>& closed) { forget(closed); });
  connections_.insert(connection);
  num_connections_ = connections_.size();
  connection->start();
}

void Listener::forget(const std::shared_ptr<Connection>& connection) {
  connections_.erase(connection);
  num_connections_ = connections_.size();
}

}  // namespace lmc::net

// NOLINTEND(bugprone-unused-return-value)
