#include "wire/head_reader.h"

#include <cstddef>
#include <string_view>

namespace bearer::wire {
namespace {

constexpr std::size_t kReadBytes = 4u << 10;  // nearly every head fits

/// Some clients end a body with one, which belongs to no request (RFC 9112 section 2.2).
bool lone_line_end(std::string_view bytes) {
  return bytes == "\r\n" || bytes == "\r";
}

}  // namespace

HeadReader::Status HeadReader::look(net::Stream& stream, net::Buffer& in) {
  for (;;) {
    if (!in.empty()) {
      scan_ = scanner_.feed(in.bytes());
      if (scan_ != http::HeadScanner::Status::incomplete) return Status::here;
      if (!begun_ && !lone_line_end(in.bytes())) {
        deadline_ = loop_.now() + head_max_;
        begun_ = true;
      }
    }
    // Makes room only if something may have come.
    const bool may_read = !in.empty() || stream.may_read();
    const net::Io io = may_read ? stream.read(in.room(in.empty() ? kReadBytes : 1))
                                : net::Io{net::Io::Status::blocked};
    if (io.ok()) {
      in.filled(io.bytes);
      continue;
    }
    if (in.empty()) in.clear();  // an idle connection has no buffer
    if (!io.blocked()) return Status::ended;
    // Only now, after reading what came while the process was stopped.
    return loop_.now() >= deadline_ ? Status::late : Status::coming;
  }
}

}  // namespace bearer::wire
