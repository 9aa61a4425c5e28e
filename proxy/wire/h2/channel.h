// One stream of an HTTP/2 connection, as its session sees it (RFC 9113 section 5).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "net/buffer.h"

namespace bearer::wire::h2 {

class Session;

/// Why a stream, or a connection, ends (RFC 9113 section 7); the peer may say others.
enum class ErrorCode : std::uint32_t {
  no_error = 0,
  protocol_error = 1,
  internal_error = 2,
  flow_control_error = 3,
  refused_stream = 7,  ///< it was not processed: it may be tried again, whatever its method
  cancel = 8,
  enhance_your_calm = 11,
  http_1_1_required = 13,
  malformed = 0xfffffffe,        ///< never sent: what a server sent on the stream is no HTTP/2
  connection_lost = 0xffffffff,  ///< never sent: the connection ended under the stream
};

/// What a stream still sends.
struct Outgoing {
  net::Buffer data;
  bool whole = false;    ///< nothing is added any more: the stream ends after `data` and trailers
  std::string trailers;  ///< field lines, each with its CRLF, names in lower case; may be empty
};

/// Belongs to a session from open() or accept() until on_closed(), or until its own end. The stream
/// is reset then, but for a server's whose `outgoing_` is whole: the session sends that on its own.
class Channel {
 public:
  Channel() = default;
  Channel(const Channel&) = delete;
  Channel& operator=(const Channel&) = delete;
  virtual ~Channel();

  /// Null before it belongs to a session, and after the stream's end or the connection's.
  Session* session() const { return session_; }
  std::int32_t id() const { return id_; }

 protected:
  friend class Session;

  // Called while the session turns. They must neither turn it nor destroy it.

  /// A field of the head or of the trailers under way, pseudo-fields too; valid HTTP/2. Of a head
  /// that is too large the last one that comes is the one with which it is: see cut().
  virtual void on_field(std::string_view name, std::string_view value) = 0;
  /// A head, an interim response's head or the trailers have come whole. `last` where nothing
  /// follows, of which on_end() tells too.
  virtual void on_fields_end(bool last) = 0;
  /// To be told of by Session::took() once it is out of the way.
  virtual void on_data(std::string_view data) = 0;
  /// Nothing comes after this.
  virtual void on_end() = 0;
  /// Some of `outgoing_` has gone out.
  virtual void on_sent() = 0;
  /// The stream is over, by either side or with its connection, or it has ended on both sides.
  virtual void on_closed(ErrorCode why) = 0;

  /// Fields of a head or of trailers were left out, for it is too large: it must not be served.
  bool cut() const { return cut_; }

  Outgoing outgoing_;

 private:
  Session* session_ = nullptr;
  // The session's other channels.
  Channel* before_ = nullptr;
  Channel* after_ = nullptr;
  std::int32_t id_ = 0;
  bool left_ = false;       // it stands for one that has left
  bool out_begun_ = false;  // our head is among the bytes that go out, if not gone
  bool cut_ = false;
  // Of interim heads that have not gone out.
  std::uint32_t interims_ = 0, interim_bytes_ = 0;
  base::Instant begun_{};
};

}  // namespace bearer::wire::h2
