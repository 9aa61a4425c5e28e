// A request's body on its way to the upstream, as often as that takes: what was kept of it first,
// then what comes from the client, which is kept while it passes.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <utility>

#include "http/framing.h"
#include "net/buffer.h"
#include "net/recycler.h"
#include "net/stream.h"
#include "relay/body/body_source.h"
#include "relay/body/replay_body.h"
#include "relay/options.h"
#include "relay/retry_policy.h"

namespace bearer::relay {

class RequestBody final : public Body {
 public:
  /// `route` says which trailers go on, and outlives it; without one none do.
  RequestBody(const http::Framing& framing, const ReplayBody::Limits& limits,
              const RouteOptions* route = nullptr);

  /// At the place up to which this attempt has come: `done` is said once all of the body has been
  /// pulled since the last rewind(). `cut` of an unreadable() body is the file's fault.
  Status pull(net::Stream& client, net::Buffer& rest, std::span<char> scratch,
              Gather& gather) override;
  /// What is kept has to be seen.
  std::uint64_t unseen() const override { return kept() ? 0 : source_.unseen(); }
  void pass(std::uint64_t bytes) override {
    source_.pass(bytes);
    position_ += bytes;
    touched_ = true;
  }
  /// Of every attempt, once its body is done.
  std::string_view trailers() const override { return trailers_; }

  /// The next attempt begins with the first byte. REQUIRES: kept().
  void rewind() { position_ = 0; }
  /// Everything that has come from the client can be sent again.
  bool kept() const { return replay_.whole(); }
  /// Why it cannot, if it cannot.
  std::optional<NotReplayable> unkept() const;
  /// The client has sent all of it.
  bool received() const { return source_.done(); }
  /// What the client has not sent yet, for who wants none of it.
  BodySource rest() && { return std::move(source_); }
  /// Nothing was taken from the client yet.
  bool untouched() const { return !touched_; }

  /// What was kept could not be read back: `cut` was the file's fault.
  bool unreadable() const { return unreadable_; }
  /// Why the body is no longer kept, if a file was the reason.
  const std::optional<base::Error>& spill_failure() const { return spill_failure_; }

 private:
  void keep(const Gather& gather);

  BodySource source_;
  ReplayBody replay_;
  const RouteOptions* const route_;
  net::recycler::Text trailers_;  // mostly none
  std::uint64_t position_ = 0;
  bool touched_ = false;
  bool unreadable_ = false;
  std::optional<base::Error> spill_failure_;
};

}  // namespace bearer::relay
