#include "bench/upstream/connection.h"

#include <algorithm>

#include "bench/peers/head.h"

namespace bearer::bench {
namespace {

constexpr std::size_t kHeadBytesMax = 64 << 10;
const std::string kFiller(256 << 10, 'b');

}  // namespace

Connection::Wait Connection::on_readable(std::span<char> scratch) {
  const auto got = transport_.read(scratch);
  if (!got) return Wait::readable;
  if (*got == 0) return Wait::nothing;
  const std::string_view bytes(scratch.data(), *got);
  return echoing_ ? echo(bytes) : take(bytes);
}

// Nothing more is read before all of it is sent: whoever does not read is not read from.
Connection::Wait Connection::echo(std::string_view bytes) {
  out_.assign(bytes);
  out_sent_ = 0;
  return write();
}

Connection::Wait Connection::take(std::string_view bytes) {
  if (!reading_body_) {
    head_ += bytes;
    const std::size_t length = head_length(head_);
    if (length == 0) return head_.size() > kHeadBytesMax ? Wait::nothing : Wait::readable;
    if (!take_head(std::string_view(head_).substr(0, length))) return Wait::nothing;
    bytes.remove_prefix(bytes.size() - (head_.size() - length));
    head_.clear();
  }
  if (bytes.size() > body_left_) return Wait::nothing;  // nobody here pipelines
  body_left_ -= bytes.size();
  if (body_left_ > 0) return Wait::readable;
  reading_body_ = false;
  if (const Duration delay = api_.delay(request_); delay > Duration::zero()) {
    due_ = std::chrono::steady_clock::now() + delay;
    return Wait::timer;
  }
  return answer();
}

bool Connection::take_head(std::string_view head) {
  if (!field(head, "transfer-encoding:").empty()) return false;  // no client here sends chunks
  const std::size_t method_end = head.find(' ');
  const std::size_t path_end = head.find(' ', method_end + 1);
  if (path_end == std::string_view::npos) return false;
  request_.path.assign(head.substr(method_end + 1, path_end - method_end - 1));
  request_.credentials.assign(field(head, "authorization:"));
  request_.arrived = std::chrono::steady_clock::now();
  request_.body_bytes = body_left_ = content_length(head).value_or(0);
  reading_body_ = true;
  return true;
}

Connection::Wait Connection::answer() {
  out_.clear();
  out_sent_ = 0;
  filler_left_ = api_.answer(request_, std::chrono::steady_clock::now(), out_);
  echoing_ = out_.starts_with("HTTP/1.1 101 ");
  return write();
}

Connection::Wait Connection::write() {
  while (out_sent_ < out_.size()) {
    const auto sent = transport_.write(std::string_view(out_).substr(out_sent_));
    if (!sent) return Wait::writable;
    if (*sent == 0) return Wait::nothing;
    out_sent_ += *sent;
  }
  while (filler_left_ > 0) {
    const std::size_t piece = std::min<std::uint64_t>(filler_left_, kFiller.size());
    const auto sent = transport_.write(std::string_view(kFiller).substr(0, piece));
    if (!sent) return Wait::writable;
    if (*sent == 0) return Wait::nothing;
    filler_left_ -= *sent;
  }
  return Wait::readable;
}

}  // namespace bearer::bench
