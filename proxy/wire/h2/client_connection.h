// A connection of HTTP/2 to a server, which requests share: each one is a stream of it (RFC 9113).
#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include "base/clock.h"
#include "base/result.h"
#include "net/loop.h"
#include "net/stream.h"
#include "net/task.h"
#include "net/wait.h"
#include "wire/h2/session.h"

namespace bearer::wire::h2 {

/// Runs by itself from its making until the connection ends. Used on its loop's thread. Owned by
/// those that may open streams, and by the streams.
class ClientConnection {
 public:
  /// If nothing comes for this time while requests are in flight, the server is asked whether it is
  /// alive, and has the same time to answer.
  static constexpr base::Duration kSilenceMax = std::chrono::seconds(10);

  /// `tls`: the connection is encrypted, and the requests are for https.
  ClientConnection(net::Loop& loop, std::unique_ptr<net::Stream> stream, bool tls);
  ClientConnection(const ClientConnection&) = delete;
  ClientConnection& operator=(const ClientConnection&) = delete;
  ~ClientConnection();

  /// Returns a connection whose server has sent its settings. With TLS the server must have chosen
  /// HTTP/2. Errc: response_malformed if it does not speak HTTP/2; connection_lost;
  /// connect_timeout; client_left.
  static net::Task<base::Result<std::shared_ptr<ClientConnection>>> settled(
      net::Loop& loop, std::unique_ptr<net::Stream> stream, bool tls, net::Wait wait);

  /// Wakes `waiter` when there are new places or the connection ends; null: nobody.
  void set_waiter(net::Sleeper* waiter) { waiter_ = waiter; }
  /// The number of streams that may still be opened now.
  std::size_t places() const;
  /// True if no streams will be opened any more, and none is left.
  bool over() const { return over_ || (going_away() && streams() == 0); }
  /// True if it has ended, and its streams with it.
  bool ended() const { return over_; }
  /// Opens no more streams; those in flight go on.
  void retire() { retired_ = true; }
  std::size_t streams() const;
  /// True if it has carried a request before.
  bool used() const { return used_; }
  /// Since when it has had no stream; kNever while there are some.
  base::Instant idle_since() const { return streams() > 0 ? base::kNever : idle_since_; }
  /// True if the server takes WebSockets over a stream (RFC 8441).
  bool takes_websockets() const { return session_ && session_->takes_connect_protocol(); }
  std::optional<base::WallTime> certificate_ends() const { return stream_->certificate_ends(); }
  /// For a person, if it ended because of the server's fault; else empty.
  const std::string& why_over() const { return why_over_; }
  /// True if that fault is that the server broke the rules of HTTP/2: we ended the connection.
  bool broke_rules() const { return broke_rules_; }

  // For its streams.
  /// Begins a stream that was expected. False if none can be begun any more.
  bool begin(Channel& channel, std::span<const Field> head, bool last);
  bool tls() const { return tls_; }
  /// A stream was made whose head has not been written. It holds a place.
  void expect_stream();
  void expect_stream_no_more() { --expected_; }
  /// That stream ended without a head. Its place is free.
  void give_place_back();

 private:
  bool going_away() const;
  net::Task<void> turn();
  /// Returns when to look again, or Instant{} if a PING was not answered. Sends a PING if the
  /// server has been silent for too long.
  base::Instant look_for_life();
  void end();

  net::Loop& loop_;
  const bool tls_;
  net::Sleeper sleeper_;
  const std::unique_ptr<net::Stream> stream_;
  std::optional<Session> session_;  // until it is over
  net::Sleeper* waiter_ = nullptr;
  std::size_t expected_ = 0;
  std::uint64_t heard_ = 0;
  base::Instant heard_at_, idle_since_;
  std::string why_over_;
  bool full_ = false;   // there was no place after the last turn
  bool asked_ = false;  // by a PING, since bytes last came
  bool settled_ = false;
  bool used_ = false;
  bool retired_ = false;
  bool over_ = false;
  bool broke_rules_ = false;
  net::Task<void> turning_;  // last: it refers to all of the above
};

}  // namespace bearer::wire::h2
