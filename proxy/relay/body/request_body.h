// A request's body on its way to the upstream, as often as it is sent: first the kept part, then
// what comes from the client, which is kept while it passes.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <utility>

#include "http/framing.h"
#include "net/buffer.h"
#include "net/recycler.h"
#include "net/stream.h"
#include "relay/body/body_source.h"
#include "relay/body/replay_body.h"
#include "relay/limits/not_replayable.h"

namespace bearer::relay {

/// It takes two words if there is no body.
class RequestBody final : public Body {
 public:
  RequestBody(const http::Framing& framing, const ReplayBody::Limits& limits);

  /// Goes on where this attempt has got to. `done` once all of the body has been pulled since the
  /// last rewind(). For an unreadable() body, `cut` is the file's fault.
  Status pull(net::Stream& client, net::Buffer& rest, std::span<char> scratch,
              Gather& gather) override;
  /// 0 for a body that is kept, because its data has to be seen.
  std::uint64_t unseen() const override { return kept() ? 0 : upload_->source.unseen(); }
  void pass(std::uint64_t bytes) override {
    upload_->source.pass(bytes);
    upload_->position += bytes;
    upload_->touched = true;
  }
  /// The same for every attempt, once its body is done.
  std::string_view trailers() const override {
    return upload_ ? upload_->source.trailers() : std::string_view();
  }

  /// The next attempt begins with the first byte. REQUIRES: kept().
  void rewind() {
    if (upload_) upload_->position = 0;
  }
  /// True if everything that has come from the client can be sent again.
  bool kept() const { return !upload_ || upload_->replay.whole(); }
  /// The reason why it cannot be sent again; nullopt if it can.
  std::optional<NotReplayable> unkept() const;
  /// True if the client has sent all of it.
  bool received() const { return !upload_ || upload_->source.done(); }
  /// The part that the client has not sent yet, to be discarded. REQUIRES: !received().
  std::unique_ptr<BodySource> rest() && {
    return std::make_unique<BodySource>(std::move(upload_->source));
  }
  /// True if nothing was taken from the client yet.
  bool untouched() const { return !upload_ || !upload_->touched; }

  /// True if the kept part could not be read back; then `cut` was the file's fault.
  bool unreadable() const { return upload_ && upload_->unreadable; }
  /// The error of a file because of which the body is no longer kept; else null.
  const base::Error* spill_failure() const {
    return upload_ && upload_->spill_failure ? &*upload_->spill_failure : nullptr;
  }

 private:
  struct Upload : net::recycler::Recycled {
    Upload(const http::Framing& framing, const ReplayBody::Limits& limits)
        : source(framing), replay(limits) {}

    void keep(const Gather& gather);

    BodySource source;
    ReplayBody replay;
    std::uint64_t position = 0;
    bool touched = false;
    bool unreadable = false;
    std::optional<base::Error> spill_failure;
  };

  std::unique_ptr<Upload> upload_;  // null where there is no body
};

}  // namespace bearer::relay
