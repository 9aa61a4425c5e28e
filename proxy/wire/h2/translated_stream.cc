#include "wire/h2/translated_stream.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "http/chunk_header.h"
#include "http/fields.h"
#include "net/loop.h"

namespace bearer::wire::h2 {
namespace {

// The most that a stream holds of a body that its peer does not take: one piece of a relayed body.
constexpr std::size_t kOutBytesMax = 72u << 10;
constexpr std::size_t kOutBytesLow = 32u << 10;

}  // namespace

// Gives back the window for bytes that nobody has read.
TranslatedStream::~TranslatedStream() {
  if (session() && untold_ > 0) session()->took(*this, untold_);
}

std::size_t TranslatedStream::unsent() const {
  if (!outgoing_.whole || outgoing_.sent) return 0;
  return std::max<std::size_t>(outgoing_.data.size(), 1);
}

bool TranslatedStream::may_read() const {
  const bool bytes = !in_.empty() || !data_.empty() || chunk_left_ > 0;
  return bytes || in_whole_ || left_ || shut_ || over();
}

net::Io TranslatedStream::read(std::span<char> into) {
  using Status = net::Io::Status;
  std::size_t read = 0;
  while (read < into.size()) {
    if (in_.empty() && chunk_left_ == 0) frame_next();
    net::Buffer& from = in_.empty() ? data_ : in_;
    const std::size_t most = in_.empty() ? chunk_left_ : in_.size();
    const std::size_t some = std::min(into.size() - read, most);
    if (some == 0) break;
    std::memcpy(into.data() + read, from.bytes().data(), some);
    from.consume(some);
    read += some;
    if (&from != &data_) continue;
    chunk_left_ -= some;
    if (chunk_left_ == 0) in_.append(http::kChunkEnd);
  }
  if (read > 0) {
    const bool told = untold_ == 0 || !session();
    if (!told && in_.empty() && data_.empty()) session()->took(*this, std::exchange(untold_, 0));
    return {Status::ok, read};
  }
  if (in_whole_) return {Status::ended};
  if (left_ || shut_ || over()) return {Status::failed};
  return {Status::blocked};
}

/// Puts all data since the last chunk into one chunk, so small frames take no more memory.
void TranslatedStream::frame_next() {
  if (!data_.empty()) {
    chunk_left_ = data_.size();
    in_.append(http::ChunkHeader(chunk_left_).text());
  } else if (in_whole_ && !last_chunk_read_ && body_ == Body::chunked) {
    last_chunk_read_ = true;
    in_.append(http::kLastChunk);
    in_.append(std::exchange(trailers_, {}));
    in_.append("\r\n");
  }
}

net::Io TranslatedStream::write(std::span<const iovec> from) {
  using Status = net::Io::Status;
  if (over() || outgoing_.whole) return {Status::failed};
  const std::size_t head = reader_.read_head(from);
  if (head > 0 && !take_head()) return {Status::failed};
  const bool head_is_all = head > 0 && reader_.bodiless();
  std::size_t written = 0, skipped = 0;
  for (const iovec& part : from) {
    std::string_view bytes(static_cast<const char*>(part.iov_base), part.iov_len);
    const std::size_t skip = std::min(head - skipped, bytes.size());
    skipped += skip;
    written += skip;
    if (skipped < head) continue;
    bytes.remove_prefix(skip);
    std::size_t taken = 0;
    if (!take(bytes, taken)) return {Status::failed};
    written += taken;
    wants_room_ = taken < bytes.size();  // the writer may at once wait for room for the rest
    if (wants_room_) break;
  }
  if (written == 0) return {Status::blocked};
  if (session() && !head_is_all) session()->more(*this);
  wants_end_ = outgoing_.whole && !outgoing_.sent;
  return {Status::ok, written};
}

/// Takes a beginning of `bytes`. False if the stream cannot go on.
bool TranslatedStream::take(std::string_view bytes, std::size_t& taken) {
  for (;;) {
    const std::size_t room = kOutBytesMax - std::min(kOutBytesMax, outgoing_.data.size());
    const MessageReader::Step step = reader_.read(bytes.substr(taken, room));
    taken += step.taken;
    switch (step.what) {
      case MessageReader::What::nothing:
        if (taken == bytes.size() || room == 0) return true;
        if (step.taken == 0) return false;  // bytes beyond the message's end
        break;
      case MessageReader::What::head:
        if (!take_head()) return false;
        break;
      case MessageReader::What::data:
        outgoing_.data.fit(step.data.size());
        outgoing_.data.append(step.data);
        break;
      case MessageReader::What::end:
        outgoing_.trailers = std::move(reader_.trailers());
        outgoing_.whole = true;
        break;
    }
  }
}

/// Sends the head that was read. False if the stream cannot go on.
bool TranslatedStream::take_head() {
  const bool sent = send_head(reader_);
  reader_.forget();
  return sent;
}

bool TranslatedStream::quiet(bool) {
  return in_.empty() && data_.empty() && !in_whole_ && !left_;
}

bool TranslatedStream::came_in_at(std::string_view host) const {
  return session() && session()->stream().came_in_at(host);
}

std::uint16_t TranslatedStream::own_port() const {
  return session() ? session()->stream().own_port() : std::uint16_t{0};
}

// A message with an end of its own has reached it by now, or never will.
void TranslatedStream::shut() {
  if (session() && !outgoing_.whole && reader_.open_ended()) {
    // The peer may have more to send, as after half a TCP connection's end.
    outgoing_.whole = true;
    session()->more(*this);
    wants_end_ = !outgoing_.sent;
    return;
  }
  if (outgoing_.sent) return;
  shut_ = true;
  if (session()) session()->reset(*this, broken_);
}

void TranslatedStream::reset_on_close() {
  if (session() && !outgoing_.sent) session()->reset(*this, broken_);
}

void TranslatedStream::give_up(ErrorCode why) {
  session()->reset(*this, why);
  closed_with_ = ErrorCode::malformed;
  left_ = true;
}

// ── Receiving. ──

void TranslatedStream::append_line(std::string_view name, std::string_view value) {
  const std::size_t size = name.size() + value.size() + kFieldOverheadBytes;
  char* to = in_.room(size).data();
  std::memcpy(to, name.data(), name.size());
  to += name.size();
  *to++ = ':';
  *to++ = ' ';
  std::memcpy(to, value.data(), value.size());
  to += value.size();
  *to++ = '\r';
  *to = '\n';
  in_.filled(size);
}

void TranslatedStream::end_head(Body body) {
  body_ = body;
  head_read_ = true;
  if (body == Body::chunked) append_line("Transfer-Encoding", "chunked");
  in_.append("\r\n");
  wake();
}

void TranslatedStream::on_trailer(std::string_view name, std::string_view value) {
  if (body_ == Body::chunked) http::append_field_line(trailers_, name, value);
}

void TranslatedStream::on_data(std::string_view data) {
  if (data.empty()) return;
  untold_ += data.size();
  (body_ == Body::chunked ? data_ : in_).append(data);
  wake();
}

void TranslatedStream::on_end() {
  in_whole_ = true;
  wake();
}

void TranslatedStream::on_sent() {
  if (wants_room_ && outgoing_.data.size() <= kOutBytesLow) {
    wants_room_ = false;
    wake();
  }
  if (wants_end_) wake();  // who waits for the end measures how long nothing has gone
}

void TranslatedStream::on_closed(ErrorCode why) {
  closed_with_ = why;
  left_ = !(in_whole_ && outgoing_.sent);
  outgoing_.data.clear();
  wake();
}

void TranslatedStream::wake() {
  if (waiter_) waiter_->wake();
}

}  // namespace bearer::wire::h2
