// The output of a session: nghttp2 makes it, it is kept until the stream takes it, and wiped where
// it may hold a token.
#include <nghttp2/nghttp2.h>
#include <string.h>

#include <algorithm>
#include <cassert>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>

#include "net/buffer.h"
#include "net/outbox.h"
#include "wire/h2/channel.h"
#include "wire/h2/session.h"
#include "wire/h2/token_field.h"

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
    if (!io.ok()) return Written::failed;
    if (secret_) wipe(out_.bytes().substr(0, io.bytes));
    out_.consume(io.bytes);
    secret_ = secret_ && !out_.empty();
  }
  return Written::some;
}

/// False if the connection cannot go on.
bool Session::make_output() {
  while (out_.size() < kOutBytesMax) {
    const std::uint8_t* bytes = nullptr;
    const ssize_t made = nghttp2_session_mem_send(session_, &bytes);
    if (made <= 0) return made == 0;
    const std::string_view frame(reinterpret_cast<const char*>(bytes),
                                 static_cast<std::size_t>(made));
    if (!put_frame(frame)) return false;
    if (!sends_tokens()) continue;
    wipe(frame);  // it has been copied
    secret_ = true;
  }
  return true;
}

/// Puts the frame's token into it, if it needs one. False if there is no place for it.
bool Session::put_frame(std::string_view frame) {
  Channel* const of = std::exchange(token_of_, nullptr);
  if (!of) {
    put(frame);
    return true;
  }
  const std::optional<TokenFrame> made = token_frame(frame, of->token_.view().size());
  assert(made);  // open() has asked for it
  if (!made) return false;
  for (const std::string_view piece :
       {std::string_view(made->header.data(), made->header.size()), made->fields,
        std::string_view(made->length), of->token_.view()}) {
    put(piece);
  }
  wipe_token(*of);
  return true;
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

/// Its head has been sent, or never will be.
void Session::wipe_token(Channel& channel) {
  if (channel.token_.empty()) return;
  wipe(channel.token_.view());
  channel.token_ = std::string_view();
}

}  // namespace bearer::wire::h2
