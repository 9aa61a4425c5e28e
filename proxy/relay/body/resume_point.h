// Where a download that broke off goes on: what is asked for, and which response continues it byte
// for byte (RFC 9110 sections 13.1.5, 14.2, 14.4 and 15.3.7).
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
  /// nullopt unless every byte of the body can be told: a 200, or a 206 with one range, to a GET,
  /// of known length, in identity coding, with a strong ETag.
  static std::optional<ResumePoint> of(http::Method method, const http::ResponseHead& head,
                                       const http::Framing& framing);

  /// So many bytes of the body have been taken from the upstream since.
  void advance(std::uint64_t bytes) { next_ += bytes; }
  /// Bytes that are still to come.
  std::uint64_t remaining() const { return end_ - next_; }

  /// The request's head that asks for the rest: `head`, which has no empty line at its end, with
  /// Range and If-Range of ours. The client's own and its other conditions go: they were met.
  std::string request_head(std::string_view head) const;

  /// True if this response is the rest, and nothing but the rest, of the same representation.
  bool continued_by(const http::ResponseHead& head, const http::Framing& framing) const;

 private:
  ResumePoint() = default;

  std::uint64_t next_ = 0, end_ = 0;    // offsets in the representation; `end_` is behind the last
  std::optional<std::uint64_t> total_;  // its length, where it is known
  std::string validator_;               // a strong ETag, with its quotes
};

}  // namespace bearer::relay
