#include "net/outbox.h"

#include <unistd.h>

#include <utility>

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

std::size_t Outbox::fill(Stream& from, PipePool& pool, std::size_t most) {
  PipeLease pipe = pool.take();
  const std::size_t bytes = pipe ? from.fill(*pipe, most) : 0;
  if (bytes > 0) pipe_ = std::move(pipe);
  return bytes;
}

bool Outbox::drain(Stream& stream) {
  while (pipe_) {
    const Io io = stream.drain(*pipe_);
    if (io.blocked()) return stream.splices() || unpipe();
    if (!io.ok()) return false;
    sent_ += io.bytes;
    if (pipe_->empty()) pipe_.reset();
  }
  return true;
}

// Copies the pipe's bytes into rest_. False if it gives fewer than went in, which no kernel does.
bool Outbox::unpipe() {
  Buffer whole;
  while (!pipe_->empty()) {
    const std::span<char> room = whole.room(pipe_->bytes());
    const ssize_t count = read(pipe_->out(), room.data(), room.size());
    if (count <= 0) return false;
    whole.filled(static_cast<std::size_t>(count));
    pipe_->drained(static_cast<std::size_t>(count));
  }
  whole.append(rest_.bytes());
  rest_ = std::move(whole);
  pipe_.reset();
  return true;
}

bool Outbox::flush(Stream& stream) {
  if (pipe_) {
    if (!drain(stream)) return false;
    if (pipe_) return true;
  }
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
  pipe_.reset();
  rest_.clear();
  sent_ = 0;
}

}  // namespace bearer::net
