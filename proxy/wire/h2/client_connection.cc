#include "wire/h2/client_connection.h"

#include <algorithm>
#include <utility>

#include "base/advice.h"

namespace bearer::wire::h2 {
namespace {

using base::Errc;
using base::Error;

// The most that may come on one stream before some of it was read. It limits what is kept for a
// slow reader, and how fast a distant server can send.
constexpr std::uint32_t kStreamWindowBytes = 256u << 10;
constexpr std::size_t kReadBytes = 64u << 10;

/// All connections of a thread read into the same memory, because the bytes are taken out at once.
std::span<char> scratch() {
  thread_local const std::unique_ptr<char[]> memory =
      std::make_unique_for_overwrite<char[]>(kReadBytes);
  return {memory.get(), kReadBytes};
}

Error not_h2(const std::string& why) {
  const Errc code = why.empty() ? Errc::connection_lost : Errc::response_malformed;
  return {code, "it does not speak HTTP/2 (" + (why.empty() ? "it hung up" : why) + ")",
          base::advice_on(base::Trouble::no_http_2_there)};
}

/// `alert` is the fault of the stream below. It may be a TLS server's that misses our certificate,
/// which it says only now (RFC 8446 section 4.4.2.4).
Error never_settled(const std::string& why, const std::string& alert) {
  if (alert.find(" alert ") != alert.npos) return {Errc::tls_handshake_failed, alert};
  return not_h2(why);
}

Session::Options as_client() {
  Session::Options options;
  options.role = Session::Role::client;
  options.stream_window_bytes = kStreamWindowBytes;
  return options;
}

}  // namespace

ClientConnection::ClientConnection(net::Loop& loop, std::unique_ptr<net::Stream> stream, bool tls)
    : loop_(loop),
      tls_(tls),
      sleeper_(loop),
      stream_(std::move(stream)),
      heard_at_(loop.now()),
      idle_since_(loop.now()),
      turning_(turn()) {
  stream_->set_waiter(&sleeper_);
  session_.emplace(*stream_, sleeper_, as_client());
  turning_.start();
}

ClientConnection::~ClientConnection() {
  stream_->set_waiter(nullptr);
}

net::Task<base::Result<std::shared_ptr<ClientConnection>>> ClientConnection::settled(
    net::Loop& loop, std::unique_ptr<net::Stream> stream, bool tls, net::Wait wait) {
  if (tls && !stream->speaks_h2()) co_return not_h2("by ALPN");
  auto connection = std::make_shared<ClientConnection>(loop, std::move(stream), tls);
  connection->set_waiter(&wait.sleeper);
  while (!connection->settled_) {
    if (connection->over_)
      co_return never_settled(connection->why_over_, connection->stream_->failure());
    const net::Wake woke = co_await wait.next();
    if (woke == net::Wake::peer_closed) co_return Error{Errc::client_left, ""};
    if (woke == net::Wake::timed_out)
      co_return Error{Errc::connect_timeout, "it did not begin to speak HTTP/2"};
  }
  connection->set_waiter(nullptr);
  co_return connection;
}

std::size_t ClientConnection::streams() const {
  return expected_ + (session_ ? session_->streams() : 0);
}

std::size_t ClientConnection::places() const {
  if (over_ || going_away()) return 0;
  const std::size_t places = session_->places();
  return places - std::min(places, expected_);
}

bool ClientConnection::going_away() const {
  return retired_ || !session_ || session_->peer_going_away();
}

// If the connection was idle, its silence begins now.
void ClientConnection::expect_stream() {
  if (streams() == 0) heard_at_ = loop_.now();
  ++expected_;
  used_ = true;
}

void ClientConnection::give_place_back() {
  expect_stream_no_more();
  if (waiter_) waiter_->wake();
}

bool ClientConnection::begin(Channel& channel, std::span<const Field> head, bool last) {
  const bool begun = session_ && session_->open(channel, head, last);
  retired_ |= !begun;  // the numbers of streams may be used up, too
  return begun;
}

net::Task<void> ClientConnection::turn() {
  for (;;) {
    const bool busy = streams() > 0;
    const Session::Turn turned = session_->turn(scratch());
    if (turned == Session::Turn::over) break;
    if (busy) idle_since_ = loop_.now();
    // A stream may end between two turns, with its request.
    const bool was_full = std::exchange(full_, places() == 0);
    const bool news = (was_full && !full_) || settled_ != session_->settled() || going_away();
    settled_ = session_->settled();
    if (news && waiter_) waiter_->wake();
    const base::Instant until = look_for_life();
    if (until == base::Instant{}) break;
    if (turned == Session::Turn::again) {
      co_await sleeper_.let_others_go();
    } else {
      co_await sleeper_.sleep(until);
    }
  }
  end();
}

base::Instant ClientConnection::look_for_life() {
  const base::Instant now = loop_.now();
  if (session_->heard() != heard_) {
    heard_ = session_->heard();
    heard_at_ = now;
    asked_ = false;
  }
  if (streams() == 0) return base::kNever;
  if (now >= base::after(heard_at_, kSilenceMax)) {
    if (asked_) {
      why_over_ = "the server did not answer a PING";
      return {};
    }
    asked_ = true;
    heard_at_ = now;
    session_->ping();
  }
  return base::after(heard_at_, kSilenceMax);
}

// The remaining streams notice.
void ClientConnection::end() {
  over_ = true;
  if (why_over_.empty()) {
    why_over_ = session_->why_over();
    broke_rules_ = !why_over_.empty();
  }
  session_.reset();
  if (waiter_) waiter_->wake();
}

}  // namespace bearer::wire::h2
