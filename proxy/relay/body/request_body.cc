#include "relay/body/request_body.h"

#include <algorithm>
#include <cstdint>

namespace bearer::relay {

RequestBody::RequestBody(const http::Framing& framing, const ReplayBody::Limits& limits) {
  if (framing.kind == http::Framing::Kind::none) return;
  // A request that is refused by its head, as for a dead token, can go again as long as little of
  // its body has gone. More of a body that is known to be too large would be kept in vain.
  constexpr std::uint64_t kBeginningBytesMax = 8u << 20;
  ReplayBody::Limits kept = limits;
  if (framing.kind == http::Framing::Kind::length && framing.length > limits.bytes_max)
    kept.bytes_max = std::min(kept.bytes_max, kBeginningBytesMax);
  upload_ = std::make_unique<Upload>(framing, kept);
  if (kept.bytes_max == 0) upload_->replay.drop();
}

std::optional<NotReplayable> RequestBody::unkept() const {
  if (kept()) return std::nullopt;
  if (upload_->replay.crowded_out()) return NotReplayable::no_room;
  return upload_->spill_failure ? NotReplayable::spill_failed : NotReplayable::too_large;
}

void RequestBody::Upload::keep(const Gather& gather) {
  for (const iovec& part : gather.data()) {
    if (!replay.whole()) return;
    const base::Result<void> kept =
        replay.append({static_cast<const char*>(part.iov_base), part.iov_len});
    if (!kept) spill_failure = kept.error();
  }
}

Body::Status RequestBody::pull(net::Stream& client, net::Buffer& rest, std::span<char> scratch,
                               Gather& gather) {
  if (!upload_) return Status::done;
  auto& [source, replay, position, touched, unreadable, spill_failure] = *upload_;
  if (replay.whole() && position < replay.size()) {
    const base::Result<std::string_view> data = replay.read(position, scratch);
    if (!data) {
      spill_failure = data.error();
      unreadable = true;
      return Status::cut;
    }
    gather.add(*data);
    position += data->size();
    const bool last = source.done() && position == replay.size();
    return last ? Status::done : Status::more;
  }
  if (source.done()) return Status::done;
  touched = true;
  const Status status = source.pull(client, rest, scratch, gather);
  upload_->keep(gather);
  position += gather.bytes();
  return status;
}

}  // namespace bearer::relay
