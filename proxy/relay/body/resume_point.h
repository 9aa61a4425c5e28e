// The place where a download that broke off goes on: makes the request for the rest, and recognises
// the response that continues it byte for byte (RFC 9110 sections 13.1.5, 14.2, 14.4 and 15.3.7).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "http/framing.h"
#include "http/message.h"

namespace bearer::relay {

/// A value; refers to nothing.
class ResumePoint {
 public:
  /// nullopt unless every byte of the body can be identified: the response to a GET is a 200, or a
  /// 206 with one range, of known length, in identity coding, with a strong ETag.
  static std::optional<ResumePoint> of(http::Method method, const http::ResponseHead& head,
                                       const http::Framing& framing);

  /// Counts `bytes` more of the body as taken from the upstream.
  void advance(std::uint64_t bytes) { next_ += bytes; }
  /// Bytes that are still to come.
  std::uint64_t remaining() const { return end_ - next_; }

  /// The request's head that asks for the rest: `head`, which has no empty line at its end, with
  /// our Range and If-Range. The client's Range and its conditions are left out: they were met.
  std::string request_head(std::string_view head) const;

  /// True if this response is the rest, and nothing but the rest, of the same representation.
  bool continued_by(const http::ResponseHead& head, const http::Framing& framing) const;

 private:
  ResumePoint() = default;

  std::uint64_t next_ = 0, end_ = 0;    // offsets in the representation; `end_` is behind the last
  std::optional<std::uint64_t> total_;  // its length, if it is known
  std::string validator_;               // a strong ETag, with its quotes
};

}  // namespace bearer::relay
