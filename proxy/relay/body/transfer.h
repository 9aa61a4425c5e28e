// Moves a body from one connection to another without waiting and without growing: it takes no more
// from the sender than the receiver has room for.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "http/framing.h"
#include "net/buffer.h"
#include "net/outbox.h"
#include "net/pipe.h"
#include "net/stream.h"
#include "relay/body/body.h"
#include "relay/body/replay_budget.h"

namespace bearer::relay {

struct RouteOptions;

enum class TransferState {
  some,           ///< all that can be moved now was; wait for either side
  again,          ///< there is more, but others have their turn first
  all,            ///< the receiver has the whole body: its stream keeps none of it
  sender_broke,   ///< the sender's framing is malformed
  sender_left,    ///< the sender's connection ended in the middle
  receiver_left,  ///< the receiver's connection is broken
};
inline bool goes_on(TransferState state) {
  return state == TransferState::some || state == TransferState::again;
}

/// One direction of an exchange. Owns nothing.
class Transfer {
 public:
  struct Ends {
    Body& body;
    net::Stream& from;
    net::Buffer& rest;  ///< bytes of `from` that were read before
    net::Stream& to;
    net::Outbox& outbox;          ///< of `to`
    http::Framing::Kind framing;  ///< framing of the message that `to` gets
    /// The head lacks the line for its framing, which is then known with the first data: a length
    /// if these are the whole body, else `framing`. The line goes behind the head's first one.
    bool framing_later = false;
    bool trailers;                         ///< `to` accepts trailers
    const RouteOptions* route = nullptr;   ///< of a request, some of whose trailers do not go on
    std::span<char> scratch;               ///< shared by a loop's transfers
    net::PipePool* pipes = nullptr;        ///< null: every byte is copied
    const ReplayBudget* budget = nullptr;  ///< limits what is read at once; null: no limit
  };
  explicit Transfer(const Ends& ends) : ends_(ends) {}

  /// Moves what can be moved now. The pieces of `head` are sent before the first byte of data, and
  /// at once even if none has come. After `all` it says `all` again.
  TransferState move(std::span<const std::string_view> head = {});

  /// True if the receiver has everything, or the rest of it is in the outbox or its stream.
  bool ended() const { return ended_; }
  /// True if the receiver got something, even if only the lines of the head.
  bool begun() const { return begun_; }
  /// Bytes of data taken from the sender.
  std::uint64_t bytes() const { return bytes_; }

 private:
  bool write(Gather& data, std::span<const std::string_view> head, bool last);
  std::string framing_line(const Gather& data, bool last);
  bool splice();
  TransferState delivered() const;
  std::size_t window_max() const;

  // Bytes that are read at once: few at first, more while the other side takes all of them, so that
  // a slow reader never makes us hold much.
  static constexpr std::size_t kWindowBytesMin = 64u << 10;

  Ends ends_;
  std::size_t window_ = kWindowBytesMin;
  std::uint64_t bytes_ = 0;
  bool begun_ = false;
  bool ended_ = false;
  bool streams_ = false;  // the last piece was a large one
};

}  // namespace bearer::relay
