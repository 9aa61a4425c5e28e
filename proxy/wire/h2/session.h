// One HTTP/2 connection, of either role, over a net::Stream. nghttp2 does framing, HPACK and flow
// control; this class feeds it, writes its output, and limits what a peer can ask of us.
//
// Nothing here waits. The owner of the connection calls turn() whenever its sleeper wakes, from a
// coroutine of its own beside those of the streams.
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

/// The bytes that HTTP/1.1 adds to a field's name and value. Heads are measured in that form.
inline constexpr std::size_t kFieldOverheadBytes = 4;

/// Used on its loop's thread. The stream and the sleeper, which the stream wakes, outlive it.
class Session {
 public:
  enum class Role : std::uint8_t { server, client };

  struct Options {
    Role role = Role::server;
    /// The most streams of the peer's at a time.
    std::uint32_t streams_max = 1000;
    /// The most that a peer may send on a stream before some of it was taken. No more is kept.
    std::uint32_t stream_window_bytes = 64u << 10;
    /// A server's: gives the channel for the peer's next stream, or null to refuse it. In a turn.
    std::function<Channel*()> accept = {};
  };

  Session(net::Stream& stream, net::Sleeper& sleeper, Options options);
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;
  /// Closes the remaining channels, but not the connection.
  ~Session();

  enum class Turn : std::uint8_t {
    wait,   ///< until the sleeper wakes
    again,  ///< once the loop's other connections had their turn
    over,   ///< the connection has ended, or must end: see why_over()
  };
  /// Reads what has come and writes what can be written. Uses `scratch` for that.
  Turn turn(std::span<char> scratch);
  /// When to call turn() even if nothing wakes the sleeper; mostly kNever.
  base::Instant turn_at() const;
  /// Takes bytes that were read from the stream before.
  void feed(std::string_view bytes);

  /// A client's: begins a stream with a request's head. `last` if no body follows. The channel then
  /// belongs to this session. False if no stream can be begun any more.
  bool open(Channel& channel, std::span<const Field> head, bool last);
  /// A server's: an interim response, or the final one, whose head begins with its :status. `last`
  /// if no body follows. An interim one is dropped if the peer has not taken those before it,
  /// unless it `must` go.
  void send_interim(Channel& channel, std::span<const Field> head, bool must);
  void send_response(Channel& channel, std::span<const Field> head, bool last);
  /// The channel's `outgoing_` has grown, or is whole now. Then it is sent at once, as far as the
  /// peer lets it: the channel may have closed when this returns.
  void more(Channel& channel);
  /// The reader has taken `bytes` of the data that on_data() passed on.
  void took(Channel& channel, std::size_t bytes);
  /// Ends the stream. The channel has left when this returns; on_closed() is not called.
  void reset(Channel& channel, ErrorCode why);
  /// The channel leaves its stream, which is reset unless both sides have ended it. What was not
  /// sent is lost. A client that still sends, and has its whole answer, is told NO_ERROR.
  void leave(Channel& channel);

  /// Tells the peer to begin no more streams; those in flight go on. A second call has no effect.
  /// Streams that a client has begun meanwhile are accepted (RFC 9113 section 6.8), unless it is
  /// `at_once`.
  void go_away(bool at_once = false);
  /// Ends the connection and every stream, after telling the peer.
  void close(ErrorCode why);
  /// Asks whether the peer is alive; heard() grows if it is.
  void ping();

  net::Stream& stream() { return stream_; }
  const net::Stream& stream() const { return stream_; }
  net::Sleeper& sleeper() { return sleeper_; }
  /// The number of streams that have not ended, including those whose end waits to go out.
  std::size_t streams() const { return streams_; }
  /// The number of streams with a channel.
  std::size_t served() const { return served_; }
  /// A client's: how many streams may still be begun now, by the peer's settings.
  std::size_t places() const;
  /// True if the peer has sent its settings.
  bool settled() const { return settled_; }
  /// True if the peer, a server, takes CONNECT with a protocol (RFC 8441).
  bool takes_connect_protocol() const;
  /// True if the peer has sent GOAWAY: no stream can be begun.
  bool peer_going_away() const { return peer_going_away_; }
  /// True if we have sent GOAWAY, or its announcement.
  bool going_away() const { return going_away_ || last_call_ends_ != base::kNever; }
  /// True while a server's idle connection keeps no more memory than it has to.
  bool rests() const { return memory_.away(); }
  /// Bytes that have come so far.
  std::uint64_t heard() const { return heard_; }
  /// For a person, if it ended because of the peer's fault; else empty.
  std::string_view why_over() const { return why_over_; }

 private:
  struct Callbacks;
  /// A head that nghttp2 makes into a frame at once, so that it need not copy the fields.
  struct Making {
    std::int32_t of = 0;                   // its stream
    std::span<const Field> literals = {};  // which nghttp2 does not get
    bool begun = false;
  };
  friend class Channel;

  enum class Written : std::uint8_t { all, some, failed };
  /// The limit on output for a peer that does not read; one frame may exceed it.
  static constexpr std::size_t kOutBytesMax = 64u << 10;

  static const nghttp2_session_callbacks* callbacks();

  void settle();
  void adopt(Channel& channel, std::int32_t id);
  void unlink(Channel& channel);
  void forget(Channel& channel, ErrorCode why);
  Written write();
  bool make_output();
  bool makes_at_once() const { return !lost_ && out_.size() < kOutBytesMax; }
  void make_head(Making making);
  bool put_head(std::string_view frame, std::span<const Field> literals);
  bool put_frame();
  /// Appends to the output. What may hold a token leaves no copy where it stood before.
  void put(std::string_view bytes) {
    if (sends_tokens()) make_room(bytes.size());
    out_.append(bytes);
  }
  void make_room(std::size_t bytes);
  void wipe_output();
  bool spare_frame();
  void fail(std::string why, ErrorCode code);
  void begin_no_more();
  void end_of_reading();
  void rest(base::Instant now);
  /// Its memory may be away until this is called.
  nghttp2_session* library();
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
  Channel* recent_ = nullptr;    // of the last callback, if it has not left
  Making* making_ = nullptr;     // the head that is made at once
  Channel* reset_ = nullptr;     // whose stream its peer resets, and which closes at once
  std::size_t streams_ = 0, served_ = 0;
  std::size_t block_bytes_ = 0;  // of the current head's or trailers' fields
  std::uint64_t heard_ = 0, written_ = 0;
  std::string why_over_;
  std::uint64_t heard_before_ = 0;  // at the last turn
  base::Instant last_call_ends_ = base::kNever, rest_at_ = base::kNever;
  bool settled_ = false;
  bool peer_going_away_ = false;
  bool going_away_ = false;
  bool ended_ = false;  // the client sends nothing more, and may still read
  bool broken_ = false;
  bool lost_ = false;    // nghttp2 cannot go on
  bool idle_ = false;    // at the last turn, there was neither a stream nor output
  bool secret_ = false;  // a token may be among the bytes that go out
};

}  // namespace bearer::wire::h2
