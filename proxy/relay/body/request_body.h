// A request's body on its way to the upstream, as often as it is sent: first the kept part, then
// what comes from the client, which is kept while it passes.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <utility>

#include "http/framing.h"
#include "net/buffer.h"
#include "net/stream.h"
#include "relay/body/body_source.h"
#include "relay/body/replay_body.h"
#include "relay/retry_policy.h"

namespace bearer::relay {

class RequestBody final : public Body {
 public:
  RequestBody(const http::Framing& framing, const ReplayBody::Limits& limits);

  /// Goes on where this attempt has come to: `done` once all of the body has been pulled since the
  /// last rewind(). `cut` of an unreadable() body is the file's fault.
  Status pull(net::Stream& client, net::Buffer& rest, std::span<char> scratch,
              Gather& gather) override;
  /// There are none: a request's trailers are not forwarded, so they need not be kept for a replay.
  std::string_view trailers() const override { return {}; }

  /// The next attempt begins with the first byte. REQUIRES: kept().
  void rewind() { position_ = 0; }
  /// True if everything that has come from the client can be sent again.
  bool kept() const { return replay_.whole(); }
  /// The reason why it cannot be sent again; nullopt if it can.
  std::optional<NotReplayable> unkept() const;
  /// True if the client has sent all of it.
  bool received() const { return source_.done(); }
  /// The part that the client has not sent yet, for a caller that drops it.
  BodySource rest() && { return std::move(source_); }
  /// True if nothing was taken from the client yet.
  bool untouched() const { return !touched_; }

  /// True if the kept part could not be read back; then `cut` was the file's fault.
  bool unreadable() const { return unreadable_; }
  /// The file's error because of which the body is no longer kept, if that is the reason.
  const std::optional<base::Error>& spill_failure() const { return spill_failure_; }

 private:
  void keep(const Gather& gather);

  BodySource source_;
  ReplayBody replay_;
  std::uint64_t position_ = 0;
  bool touched_ = false;
  bool unreadable_ = false;
  std::optional<base::Error> spill_failure_;
};

}  // namespace bearer::relay
