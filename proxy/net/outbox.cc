#include "net/outbox.h"

namespace bearer::net {

bool Outbox::write(Stream& stream, std::span<const iovec> parts) {
  Io io{Io::Status::blocked};
  if (empty()) io = stream.write(parts);
  if (!io.ok() && !io.blocked()) return false;
  sent_ += io.bytes;
  std::size_t taken = io.bytes;
  for (const iovec& piece : parts) {
    const std::string_view bytes(static_cast<const char*>(piece.iov_base), piece.iov_len);
    if (taken >= bytes.size()) {
      taken -= bytes.size();
    } else {
      rest_.append(bytes.substr(taken));
      taken = 0;
    }
  }
  return true;
}

bool Outbox::write(Stream& stream, std::string_view bytes) {
  const iovec parts[] = {part(bytes)};
  return write(stream, parts);
}

bool Outbox::flush(Stream& stream) {
  while (!rest_.empty()) {
    const iovec parts[] = {part(rest_.bytes())};
    const Io io = stream.write(parts);
    if (io.blocked()) return true;
    if (!io.ok()) return false;
    sent_ += io.bytes;
    rest_.consume(io.bytes);
  }
  return true;
}

void Outbox::reset() {
  rest_.clear();
  sent_ = 0;
}

}  // namespace bearer::net
