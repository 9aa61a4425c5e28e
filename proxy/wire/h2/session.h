// One HTTP/2 connection, of either role, over a net::Stream: nghttp2 does framing, HPACK and flow
// control; this feeds it, writes what it makes, and bounds what a peer can ask of us.
//
// Nothing here waits. Whoever owns the connection calls turn() whenever its sleeper wakes: a
// coroutine of its own, beside those of the streams.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "net/buffer.h"
#include "net/loop.h"
#include "net/stream.h"
#include "wire/h2/channel.h"
#include "wire/h2/flood_guard.h"
#include "wire/h2/message_reader.h"
#include "wire/h2/session_memory.h"

struct nghttp2_session;
struct nghttp2_session_callbacks;

namespace bearer::wire::h2 {

/// Its name, value and what separates them, as HTTP/1.1 writes them: so are heads measured.
inline constexpr std::size_t kFieldOverheadBytes = 4;

/// Used on its loop's thread. The stream and the sleeper, which the stream wakes, outlive it.
class Session {
 public:
  enum class Role : std::uint8_t { server, client };

  struct Options {
    Role role = Role::server;
    /// Of the peer's streams at a time.
    std::uint32_t streams_max = 1000;
    /// What a peer may send on a stream before some of it was taken: that much is kept at most.
    std::uint32_t stream_window_bytes = 64u << 10;
    /// A server's: who takes the peer's next stream, or null to refuse it. Called while it turns.
    std::function<Channel*()> accept = {};
  };

  Session(net::Stream& stream, net::Sleeper& sleeper, Options options);
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;
  /// Closes the channels that are left. Closes no connection.
  ~Session();

  enum class Turn : std::uint8_t {
    wait,   ///< until the sleeper wakes
    again,  ///< once the others of the loop had their turn
    over,   ///< the connection has ended, or has to: why_over() says more
  };
  /// Reads what has come and writes what can be written. `scratch` is used meanwhile.
  Turn turn(std::span<char> scratch);
  /// When to turn though nothing wakes the sleeper; kNever mostly.
  base::Instant turn_at() const;
  /// Takes bytes that were read from the stream before.
  void feed(std::string_view bytes);

  /// A client's: begins a stream with a request's head. `last` where no body follows. The channel
  /// gets its session by it. False if no stream can be begun any more.
  bool open(Channel& channel, std::span<const Field> head, bool last);
  /// A server's: an interim response, or the final one. `last` where no body follows.
  /// An interim one is dropped where the peer has not taken those before it, unless it `must` go.
  void send_interim(Channel& channel, std::span<const Field> head, bool must);
  void send_response(Channel& channel, std::span<const Field> head, bool last);
  /// More of the channel's `outgoing_` is there, or it is whole now.
  void more(Channel& channel);
  /// The reader has taken `bytes` of what on_data() gave it.
  void took(Channel& channel, std::size_t bytes);
  /// Ends the stream: the channel has left when this returns, without on_closed().
  void reset(Channel& channel, ErrorCode why);
  /// The channel leaves its stream, as if it ended: what both sides have ended goes out whole.
  void leave(Channel& channel);

  /// Tells the peer to begin no more streams; those under way go on. Twice is once. A client's
  /// that are on their way meanwhile are taken (RFC 9113 section 6.8), unless it is `at_once`.
  void go_away(bool at_once = false);
  /// Ends the connection, and with it every stream, once the peer was told.
  void close(ErrorCode why);
  /// Asks whether the peer is alive: heard() grows if it is.
  void ping();

  net::Stream& stream() { return stream_; }
  const net::Stream& stream() const { return stream_; }
  net::Sleeper& sleeper() { return sleeper_; }
  /// Streams that have not ended, those whose channel has left them included.
  std::size_t streams() const { return streams_; }
  /// Those that have their channel.
  std::size_t served() const { return served_; }
  /// A client's: how many more streams may be begun now, by the peer's settings.
  std::size_t places() const;
  /// The peer has sent its settings.
  bool settled() const { return settled_; }
  /// The peer, a server, takes CONNECT with a protocol (RFC 8441).
  bool takes_connect_protocol() const;
  /// The peer has sent GOAWAY: no stream can be begun.
  bool peer_goes() const { return peer_goes_; }
  /// We have, or have said that we will.
  bool goes() const { return goes_ || last_call_ends_ != base::kNever; }
  /// Bytes that have come so far.
  std::uint64_t heard() const { return heard_; }
  /// Bytes of bodies that have gone out so far: who takes none of them reads nothing.
  std::uint64_t sent() const { return sent_; }
  /// For a person, where it ended for a fault of the peer's; else empty.
  std::string_view why_over() const { return why_over_; }

 private:
  struct Callbacks;
  struct Remainder;
  friend class Channel;

  enum class Written : std::uint8_t { all, some, failed };
  /// Of what waits for a peer that does not read; a frame may go beyond it.
  static constexpr std::size_t kOutBytesMax = 64u << 10;

  static const nghttp2_session_callbacks* callbacks();

  void settle();
  void adopt(Channel& channel, std::int32_t id);
  void unlink(Channel& channel);
  void forget(Channel& channel, ErrorCode why);
  Written write();
  bool spare_frame();
  void fail(std::string why, ErrorCode code);
  void begin_no_more();
  void end_of_reading();
  bool sends_tokens() const { return options_.role == Role::client; }

  net::Stream& stream_;
  net::Sleeper& sleeper_;
  const Options options_;
  SessionMemory memory_;
  nghttp2_session* session_ = nullptr;
  net::Buffer out_;
  FloodGuard guard_;
  Channel* channels_ = nullptr;  // the latest; each knows the next one
  Channel* block_ = nullptr;     // to whom the fields under way belong
  Channel* reset_ = nullptr;     // whose stream its peer resets, and which closes at once
  std::size_t streams_ = 0, served_ = 0;
  std::size_t block_bytes_ = 0;  // of the fields under way
  std::uint64_t heard_ = 0, sent_ = 0;
  std::string why_over_;
  base::Instant last_call_ends_ = base::kNever;
  bool settled_ = false;
  bool peer_goes_ = false;
  bool goes_ = false;
  bool ended_ = false;  // the client sends no more, and may still read
  bool broken_ = false;
  bool secret_ = false;  // a token may be among the bytes that go out
};

}  // namespace bearer::wire::h2
