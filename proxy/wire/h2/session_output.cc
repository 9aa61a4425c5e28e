// The output of a session: nghttp2 makes it, it is kept until the stream takes it, and wiped where
// it may hold a token.
#include <nghttp2/nghttp2.h>
#include <string.h>

#include <algorithm>
#include <cassert>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <utility>

#include "net/buffer.h"
#include "net/outbox.h"
#include "wire/h2/channel.h"
#include "wire/h2/literal_fields.h"
#include "wire/h2/session.h"

namespace bearer::wire::h2 {
namespace {

// After this many writes, the loop's other connections have their turn.
constexpr int kWritesMax = 8;
// The first room for a client's output, so that it rarely grows.
constexpr std::size_t kFirstBytes = 16u << 10;

/// Overwrites bytes that hold a token, or may.
void wipe(std::string_view bytes) {
  ::explicit_bzero(const_cast<char*>(bytes.data()), bytes.size());
}

}  // namespace

Session::Written Session::write() {
  for (int writes = 0; writes < kWritesMax; ++writes) {
    if (!make_output()) return Written::failed;
    if (out_.empty()) return Written::all;
    const iovec parts[] = {net::part(out_.bytes())};
    const net::Io io = stream_.write(parts);
    if (io.blocked()) return Written::all;  // for now: the sleeper is woken
    written_ += io.bytes;                   // TLS may have taken some before it failed
    if (!io.ok()) return Written::failed;
    if (secret_) wipe(out_.bytes().substr(0, io.bytes));
    out_.consume(io.bytes);
    secret_ = secret_ && !out_.empty();
  }
  return Written::some;
}

/// False if the connection cannot go on.
bool Session::make_output() {
  while (!lost_ && out_.size() < kOutBytesMax) {
    if (!put_frame()) return !lost_;
  }
  return !lost_;
}

/// Makes the frame before anything that stands for it in nghttp2's queues: heads wait there only
/// while the peer is slow.
void Session::make_head(Making making) {
  making_ = &making;
  while (making_ && put_frame()) continue;
  if (!std::exchange(making_, nullptr)) return;
  assert(lost_);  // places() says that the head may go, and nothing else keeps it
  lost_ = true;   // it refers to memory that is no longer there
}

/// Puts the next frame into the output. False if there is none, or nghttp2 cannot go on.
bool Session::put_frame() {
  const std::uint8_t* bytes = nullptr;
  const ssize_t made = nghttp2_session_mem_send(session_, &bytes);
  lost_ = made < 0;
  if (made <= 0) return false;
  const std::string_view frame(reinterpret_cast<const char*>(bytes),
                               static_cast<std::size_t>(made));
  if (making_ && making_->begun) {
    lost_ = !put_head(frame, std::exchange(making_, nullptr)->literals);
  } else {
    put(frame);
  }
  if (!sends_tokens()) return !lost_;
  wipe(frame);  // it has been copied
  secret_ = true;
  return !lost_;
}

/// False if there is no place for the literals, of which open() has made sure.
bool Session::put_head(std::string_view frame, std::span<const Field> literals) {
  if (literals.empty()) {
    put(frame);
    return true;
  }
  const std::size_t most = frame.size() + literals_bytes_max(literals);
  if (sends_tokens()) make_room(most);
  const std::size_t size = write_frame(frame, literals, out_.room(most).data());
  assert(size > 0);
  out_.filled(size);
  secret_ |= sends_tokens();
  return size > 0;
}

void Session::make_room(std::size_t bytes) {
  if (out_.empty()) {
    out_.room(std::max(kFirstBytes, bytes));
  } else if (out_.room(0).size() < bytes) {
    net::Buffer larger;
    larger.room(out_.size() + bytes);
    larger.append(out_.bytes());
    wipe(out_.bytes());
    out_ = std::move(larger);
  }
}

void Session::wipe_output() {
  if (secret_) wipe(out_.bytes());
}

}  // namespace bearer::wire::h2
