#include "relay/body/request_body.h"

namespace bearer::relay {

RequestBody::RequestBody(const http::Framing& framing, const ReplayBody::Limits& limits)
    : source_(framing), replay_(limits) {
  // It is known to be too large, so no byte of it is written to a file in vain.
  if (framing.kind == http::Framing::Kind::length && framing.length > limits.bytes_max) {
    replay_.drop();
  }
}

std::optional<NotReplayable> RequestBody::unkept() const {
  if (kept()) return std::nullopt;
  if (replay_.crowded_out()) return NotReplayable::no_room;
  return spill_failure_ ? NotReplayable::spill_failed : NotReplayable::too_large;
}

void RequestBody::keep(const Gather& gather) {
  for (const iovec& part : gather.data()) {
    if (!replay_.whole()) return;
    const base::Result<void> kept =
        replay_.append({static_cast<const char*>(part.iov_base), part.iov_len});
    if (!kept) spill_failure_ = kept.error();
  }
}

Body::Status RequestBody::pull(net::Stream& client, net::Buffer& rest, std::span<char> scratch,
                               Gather& gather) {
  if (replay_.whole() && position_ < replay_.size()) {
    const base::Result<std::string_view> data = replay_.read(position_, scratch);
    if (!data) {
      spill_failure_ = data.error();
      unreadable_ = true;
      return Status::cut;
    }
    gather.add(*data);
    position_ += data->size();
    const bool last = source_.done() && position_ == replay_.size();
    return last ? Status::done : Status::more;
  }
  if (source_.done()) return Status::done;
  touched_ = true;
  const Status status = source_.pull(client, rest, scratch, gather);
  keep(gather);
  position_ += gather.bytes();
  return status;
}

}  // namespace bearer::relay
