#include "http/head_scanner.h"

#include <algorithm>
#include <cstring>

#include "http/chars.h"

namespace bearer::http {

HeadScanner::Status HeadScanner::feed(std::string_view bytes) {
  if (!begun_) {
    if (const Status status = begin_head(bytes); !begun_) return status;
  }
  for (;;) {
    const bool first_line = line_ == begin_;
    // Never looks past a limit, so that the verdict does not depend on how the bytes were split.
    const std::size_t end_max =
        begin_ + (first_line ? kRequestLineBytesMax + kLineEnd.size() : kHeadBytesMax);
    const std::size_t end = std::min(bytes.size(), end_max);
    const void* found =
        scanned_ < end ? std::memchr(bytes.data() + scanned_, '\n', end - scanned_) : nullptr;
    if (!found) {
      scanned_ = end;
      if (scanned_ < end_max) return Status::incomplete;
      return first_line ? Status::line_too_long : Status::too_large;
    }
    const auto line_feed = static_cast<std::size_t>(static_cast<const char*>(found) - bytes.data());
    scanned_ = line_feed + 1;
    // There is a byte before it, because no head begins with a line feed.
    const bool bare = bytes[line_feed - 1] != '\r';
    if (bare && kind_ == Kind::request) return Status::malformed;
    odd_ |= bare || is_blank(bytes[line_]);
    if (line_feed == line_ + (bare ? 0 : 1)) return Status::complete;
    line_ = scanned_;
  }
}

HeadScanner::Status HeadScanner::begin_head(std::string_view bytes) {
  if (kind_ == Kind::request && bytes.starts_with('\r')) {
    if (bytes.size() == 1) return Status::incomplete;
    if (bytes[1] != '\n') return Status::malformed;
    begin_ = line_ = scanned_ = kLineEnd.size();
  }
  if (bytes.size() == begin_) return Status::incomplete;
  // A client that speaks TLS here, or another protocol, gets its reply at once, not after a
  // timeout.
  if (!is_token_char(bytes[begin_])) return Status::malformed;
  // So does a server of another protocol: it may never end its line, or wait for ours.
  if (kind_ == Kind::response) {
    constexpr std::string_view kStart = "HTTP/";
    const std::string_view start = bytes.substr(0, kStart.size());
    if (!kStart.starts_with(start)) return Status::no_status_line;
    if (start.size() < kStart.size()) return Status::incomplete;
  }
  begun_ = true;
  return Status::incomplete;
}

HeadFault HeadScanner::fault(Status verdict) {
  switch (verdict) {
    case Status::line_too_long: return HeadFault::start_line_too_long;
    case Status::too_large: return HeadFault::head_too_large;
    case Status::malformed: return HeadFault::no_head;
    case Status::no_status_line: return HeadFault::status_line_malformed;
    case Status::incomplete:
    case Status::complete: break;
  }
  return HeadFault::none;
}

}  // namespace bearer::http
