// One stream of an HTTP/2 connection, as its session sees it (RFC 9113 section 5).
#pragma once

#include <cstdint>
#include <limits>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "net/buffer.h"

namespace bearer::wire::h2 {

class Session;

/// The reason why a stream or a connection ends (RFC 9113 section 7). The peer may send others.
enum class ErrorCode : std::uint32_t {
  no_error = 0,
  protocol_error = 1,
  internal_error = 2,
  flow_control_error = 3,
  refused_stream = 7,  ///< it was not processed, so it may be sent again, whatever its method
  cancel = 8,
  enhance_your_calm = 11,
  http_1_1_required = 13,
  malformed = 0xfffffffe,        ///< never sent: a server sent on the stream what is not HTTP/2
  connection_lost = 0xffffffff,  ///< never sent: the connection ended under the stream
};

/// The bytes that a stream still has to send.
struct Outgoing {
  net::Buffer data;
  bool whole = false;    ///< nothing more is added: the stream ends after `data` and trailers
  bool sent = false;     ///< the session has taken all of it, and the end
  std::string trailers;  ///< field lines, each with its CRLF, names in lower case; may be empty
};

/// Belongs to a session from open() or accept() until on_closed(), or until its own destruction.
/// The destructor ends the stream: see Session::leave(). What was not sent by then is not sent.
class Channel {
 public:
  Channel() = default;
  Channel(const Channel&) = delete;
  Channel& operator=(const Channel&) = delete;
  virtual ~Channel();

  /// Null before it belongs to a session, and after the end of the stream or the connection.
  Session* session() const { return session_; }
  std::int32_t id() const { return id_; }

 protected:
  friend class Session;

  // Called during the session's turn. They must neither call turn() nor destroy the session.

  /// A field of the current head or trailers, pseudo-fields included; valid HTTP/2. If a head is
  /// too large, the last field passed is the one that exceeds the limit: see cut().
  virtual void on_field(std::string_view name, std::string_view value) = 0;
  /// A head, an interim response's head or the trailers are complete. `last` if nothing follows;
  /// on_end() is called then, too.
  virtual void on_fields_end(bool last) = 0;
  /// Session::took() has to be called once the data is out of the way.
  virtual void on_data(std::string_view data) = 0;
  /// Nothing comes after this.
  virtual void on_end() = 0;
  /// Some of `outgoing_`, or its end, has been sent.
  virtual void on_sent() = 0;
  /// The stream has ended on both sides, or was ended by either side or with its connection.
  virtual void on_closed(ErrorCode why) = 0;

  /// True if fields were left out of a head or trailers too large to be served.
  bool cut() const { return cut_; }

  Outgoing outgoing_;

 private:
  Session* session_ = nullptr;
  // The session's other channels.
  Channel* before_ = nullptr;
  Channel* after_ = nullptr;
  std::int32_t id_ = 0;
  bool cut_ = false;
  // Interim heads that have not been sent.
  std::uint32_t interims_ = 0, interim_bytes_ = 0;
  base::Instant begun_{};
  // The place of our first head among all bytes of the connection; trailers come later.
  static constexpr std::uint64_t kNotMade = std::numeric_limits<std::uint64_t>::max();
  std::uint64_t head_at_ = kNotMade;
};

}  // namespace bearer::wire::h2
