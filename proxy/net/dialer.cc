#include "net/dialer.h"

#include <algorithm>
#include <utility>

#include "base/advice.h"
#include "base/host.h"
#include "net/connect.h"
#include "net/egress_tunnel.h"
#include "net/tls_stream.h"

namespace bearer::net {
namespace {

base::Error towards(const SocketAddress& address, base::Error error) {
  if (error.code == base::Errc::client_left) return error;
  return {error.code, address.text() + ": " + error.detail, error.fix};
}

/// Credentials are about to go there in plain text, because the name promises a server nearby.
base::Error elsewhere(const SocketAddress& address, TcpDialer::Reach reach) {
  if (reach == TcpDialer::Reach::this_link) {
    return {base::Errc::connect_unreachable,
            address.text() +
                " is not link-local, as a metadata server is: this machine does not run in "
                "the cloud that the name belongs to"};
  }
  return {base::Errc::connect_unreachable,
          address.text() + " is not this machine, as the name would have it",
          base::advice_on(base::Trouble::loopback_name_elsewhere)};
}

/// Without TLS nothing else proves who answers.
TcpDialer::Reach reach_of(const std::string& host, bool tls) {
  if (tls) return TcpDialer::Reach::anywhere;
  if (base::is_loopback(host)) return TcpDialer::Reach::this_machine;
  return base::is_metadata_host(host) ? TcpDialer::Reach::this_link : TcpDialer::Reach::anywhere;
}

/// The host without port, brackets and scope.
std::string host_of(const SocketAddress& address) {
  std::string text = address.text();
  text.resize(std::min(text.rfind(':'), text.size()));
  if (text.starts_with('[')) text = text.substr(1, text.find_first_of("%]") - 1);
  return text;
}

// A lost packet is sent again after 1 s, and TLS takes several round trips.
constexpr std::chrono::seconds kEnough{2};

/// The deadlines of addresses that are tried one after the other. An address that swallows packets,
/// or never finishes a handshake, must not use up the time in which the next would have answered.
/// But if there are many, each one still has enough time: the name's next dial begins with those
/// that were not tried.
class Shares {
 public:
  Shares(base::Instant now, base::Instant deadline)
      : deadline_(deadline), enough_(std::min<base::Duration>(kEnough, (deadline - now) / 2)) {}

  base::Instant next(base::Instant now, std::size_t addresses_left) const {
    if (deadline_ == base::kNever) return deadline_;
    const base::Duration even =
        (deadline_ - now) / static_cast<base::Duration::rep>(addresses_left);
    return std::min(deadline_, now + std::max(even, enough_));
  }

 private:
  const base::Instant deadline_;
  const base::Duration enough_;
};

}  // namespace

TcpDialer::TcpDialer(Loop& loop, Resolver& resolver, std::string host, std::uint16_t port,
                     std::unique_ptr<TlsContext> tls, EgressProxy egress)
    : loop_(loop),
      egress_(std::move(egress)),
      target_(base::authority(host, port)),
      reach_(reach_of(host, tls != nullptr)),
      name_(loop, resolver, egress_.used() ? egress_.host : host,
            egress_.used() ? egress_.port : port),
      tls_(std::move(tls)) {}

bool TcpDialer::leads_to(const SocketAddress& address) {
  name_.refresh();
  return name_.has(address);
}

Task<base::Result<Dialed>> TcpDialer::dial(const Wait& wait, Alpn alpn) {
  base::Result<SocketAddresses> addresses = co_await name_.addresses(wait);
  if (!addresses) co_return on_the_way(addresses.error());
  base::Result<Dialed> dialed = co_await first_of(*addresses, wait, alpn);
  if (dialed || dialed.error().code == base::Errc::client_left) co_return dialed;
  // The name may have moved since it was resolved. Addresses that failed are not tried again.
  base::Result<SocketAddresses> newer = co_await name_.newer(wait);
  if (!newer) co_return newer.error();
  std::erase_if(*newer, [&addresses](const SocketAddress& address) {
    return std::ranges::find(*addresses, address) != addresses->end();
  });
  if (newer->empty() || loop_.now() >= wait.deadline) co_return dialed;
  co_return co_await first_of(std::move(*newer), wait, alpn);
}

Task<base::Result<Dialed>> TcpDialer::first_of(SocketAddresses addresses, Wait wait, Alpn alpn) {
  base::Error last{base::Errc::resolve_failed, "the name has no address"};
  const Shares shares(loop_.now(), wait.deadline);
  for (std::size_t i = 0; i < addresses.size(); ++i) {
    if (i > 0 && loop_.now() >= wait.deadline) break;
    const SocketAddress& address = addresses[i];
    if (leads_away(address)) {
      last = elsewhere(address, reach_);
      continue;
    }
    const Wait patience{wait.sleeper, shares.next(loop_.now(), addresses.size() - i),
                        wait.cancel_on};
    base::Result<std::unique_ptr<Stream>> stream = co_await attempt(address, patience, alpn);
    if (stream) co_return Dialed{std::move(*stream), address};
    last = stream.error();
    if (last.code == base::Errc::client_left) break;
    name_.failed(address);
    if (last.code == base::Errc::tls_certificate_untrusted) break;  // no other address helps
  }
  co_return last;
}

bool TcpDialer::leads_away(const SocketAddress& address) const {
  if (reach_ == Reach::anywhere || egress_.used() || address.is_loopback()) return false;
  return reach_ == Reach::this_machine || !base::is_link_local(host_of(address));
}

Task<base::Result<std::unique_ptr<Stream>>> TcpDialer::attempt(SocketAddress address, Wait wait,
                                                               Alpn alpn) {
  base::Result<std::unique_ptr<Stream>> stream = co_await reach(address, wait);
  if (!stream || !tls_) co_return stream;
  const TlsContext::Session offered = tls_->session();
  stream = co_await secure(std::move(*stream), offered, wait, alpn);
  if (stream || !offered) co_return stream;
  const base::Errc fault = stream.error().code;
  const bool failed = fault == base::Errc::tls_handshake_failed;
  if (failed || fault == base::Errc::connect_timeout) tls_->forget(offered);
  if (!failed) co_return stream;
  // Some servers fail on a session of their own. They are reached without one.
  stream = co_await reach(address, wait);
  const TlsContext::Session none;
  if (stream) stream = co_await secure(std::move(*stream), none, wait, alpn);
  co_return stream;
}

Task<base::Result<std::unique_ptr<Stream>>> TcpDialer::reach(SocketAddress address, Wait wait) {
  base::Result<std::unique_ptr<Stream>> stream = co_await connect(loop_, address, wait);
  if (!stream) co_return on_the_way(towards(address, stream.error()));
  if (!egress_.used()) co_return stream;
  const base::Result<void> tunnel = co_await open_tunnel(**stream, wait, egress_, target_);
  if (!tunnel) co_return on_the_way(tunnel.error());
  co_return stream;
}

base::Error TcpDialer::on_the_way(base::Error error) const {
  if (!egress_.used() || error.code == base::Errc::client_left) return error;
  const std::string proxy = base::authority(egress_.host, egress_.port);
  return {error.code, "egress proxy " + proxy + ": " + error.detail, error.fix};
}

Task<base::Result<std::unique_ptr<Stream>>> TcpDialer::secure(std::unique_ptr<Stream> under,
                                                              TlsContext::Session session,
                                                              Wait wait, Alpn alpn) {
  TlsContext::Connection connection = tls_->connection(session, alpn);
  if (!connection) co_return base::Error{base::Errc::tls_handshake_failed, tls_error_text()};
  auto tls = std::make_unique<TlsStream>(std::move(connection), std::move(under));
  for (;;) {
    const Io::Status status = tls->shake();
    if (status == Io::Status::ok) break;
    if (status != Io::Status::blocked) co_return tls->handshake_error();
    const Wake woke = co_await wait.next();
    if (woke == Wake::peer_closed) co_return base::Error{base::Errc::client_left, ""};
    if (woke == Wake::timed_out)
      co_return base::Error{base::Errc::connect_timeout, "TLS handshake"};
  }
  std::unique_ptr<Stream> secured = std::move(tls);
  co_return secured;
}

}  // namespace bearer::net
