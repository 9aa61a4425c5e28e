#include "relay/body/transfer.h"

#include <algorithm>
#include <array>
#include <cassert>
#include <optional>
#include <string>

#include "http/chunk_header.h"
#include "http/head_parser.h"
#include "http/hop_by_hop.h"
#include "relay/head/own_fields.h"

namespace bearer::relay {
namespace {

// After this many pieces the loop's other connections have their turn.
constexpr int kPiecesMax = 8;
// A smaller piece is cheaper to copy than to splice, which takes calls of its own. It also says
// that the sender is slower than we are, so that the next one will be small too.
constexpr std::size_t kSpliceBytesMin = 32u << 10;
// The last bytes of a body are copied: what follows them is handled as after any other body.
constexpr std::uint64_t kCopiedBytesMin = 64u << 10;

/// The field lines of a trailer section, without those that are not allowed there. BodyReader has
/// checked them. `route` is a request's.
std::string forwarded_trailers(std::string_view lines, const RouteOptions* route) {
  if (lines.empty()) return {};
  http::FieldList fields;
  const http::HeadFault fault = http::parse_field_lines(lines, fields);
  assert(fault == http::HeadFault::none);
  std::string out;
  for (const http::Field& field : fields) {
    if (fault != http::HeadFault::none || !http::forwarded_in_trailers(field)) continue;
    if (route && is_kept_from_trailers(field, *route)) continue;
    http::append_field_line(out, field.name, field.value);
  }
  return out;
}

}  // namespace

TransferState Transfer::move(std::span<const std::string_view> head) {
  for (int piece = 0; piece < kPiecesMax; ++piece) {
    if (!ends_.outbox.flush(ends_.to)) return TransferState::receiver_left;
    if (!ends_.outbox.empty() && head.empty()) return TransferState::some;
    if (ended_) return delivered();
    if (streams_ && head.empty() && splice()) continue;

    Gather data;
    const std::span<char> scratch = ends_.scratch.first(std::min(window_, window_max()));
    const Body::Status status = ends_.body.pull(ends_.from, ends_.rest, scratch, data);
    if (status == Body::Status::malformed) return TransferState::sender_broke;
    if (status == Body::Status::cut) return TransferState::sender_left;
    ended_ = status == Body::Status::done;
    if (!data.empty() || !head.empty() || ended_) {
      if (!write(data, head, ended_)) return TransferState::receiver_left;
      head = {};
    }
    if (status == Body::Status::blocked) return TransferState::some;
  }
  return TransferState::again;
}

/// Puts a piece of the body into the outbox unseen. False if it has to be pulled.
bool Transfer::splice() {
  if (!ends_.rest.empty() || !ends_.from.splices() || !ends_.to.splices()) return false;
  const std::uint64_t unseen = ends_.body.unseen();
  if (unseen <= kCopiedBytesMin) return false;
  const std::size_t most = std::min<std::uint64_t>(unseen - kCopiedBytesMin, window_max());
  const std::size_t bytes = ends_.outbox.fill(ends_.from, *ends_.pipes, most);
  if (bytes == 0) return false;
  ends_.body.pass(bytes);
  bytes_ += bytes;
  streams_ = bytes >= kSpliceBytesMin;
  return true;
}

/// The outbox is empty, but the receiver's stream may still have the end.
TransferState Transfer::delivered() const {
  if (ends_.to.unsent() == 0) return TransferState::all;
  return ends_.to.peer_closed() ? TransferState::receiver_left : TransferState::some;
}

std::size_t Transfer::window_max() const {
  const std::size_t most = ends_.scratch.size();
  return ends_.budget ? std::min(most, ends_.budget->piece_bytes()) : most;
}

/// Called with the head alone.
std::string Transfer::framing_line(const Gather& data, bool last) {
  ends_.framing_later = false;
  if (last) ends_.framing = http::Framing::Kind::length;
  if (ends_.framing == http::Framing::Kind::chunked) return "Transfer-Encoding: chunked\r\n";
  return "Content-Length: " + std::to_string(data.bytes()) + "\r\n";
}

bool Transfer::write(Gather& data, std::span<const std::string_view> head, bool last) {
  bytes_ += data.bytes();
  std::string framing;
  if (ends_.framing_later) framing = framing_line(data, last);
  const bool chunked = ends_.framing == http::Framing::Kind::chunked;
  std::array<std::string_view, Gather::kLinesMax> before;
  assert(head.size() + 1 < before.size());
  auto lines =
      static_cast<std::size_t>(std::ranges::copy(head, before.begin()).out - before.begin());
  if (!framing.empty()) {  // behind the first piece, since the last one ends the head
    std::copy_backward(before.begin() + 1, before.begin() + lines, before.begin() + lines + 1);
    before[1] = framing;
    ++lines;
  }
  std::optional<http::ChunkHeader> size;
  const bool chunk = chunked && !data.empty();
  if (chunk) before[lines++] = size.emplace(data.bytes()).text();

  const bool end = chunked && last;
  const std::string trailers = end && ends_.trailers
                                   ? forwarded_trailers(ends_.body.trailers(), ends_.route)
                                   : std::string();
  const std::span<const iovec> parts = data.between(
      std::span(before).first(lines),
      {chunk ? http::kChunkEnd : "", end ? http::kLastChunk : "", trailers, end ? "\r\n" : ""});
  if (parts.empty()) return true;
  begun_ = true;
  if (!ends_.outbox.write(ends_.to, parts)) return false;
  streams_ = ends_.pipes && !chunked && data.bytes() >= kSpliceBytesMin;
  const bool filled = data.bytes() >= std::min(window_, window_max());
  if (!ends_.outbox.empty()) {
    window_ = kWindowBytesMin;
  } else if (filled) {
    window_ = std::min(window_ * 2, window_max());
  }
  return true;
}

}  // namespace bearer::relay
