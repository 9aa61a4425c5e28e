// Finds the end of a head in a stream of bytes (RFC 9112 section 2), within the limits of contract
// section 6.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "http/head_fault.h"

namespace bearer::http {

inline constexpr std::size_t kRequestLineBytesMax = 16u << 10;  ///< without CRLF; status lines too
inline constexpr std::size_t kHeadBytesMax = 64u << 10;         ///< with the blank line

/// Finds where a head ends. It looks at each byte once, and its verdict does not depend on how the
/// bytes were cut. It checks nothing inside the head except its line ends.
class HeadScanner {
 public:
  enum class Status : std::uint8_t {
    incomplete,
    complete,
    malformed,  ///< a request's bare LF, a second empty line ahead, or a first byte that starts
                ///< no HTTP/1
    no_status_line,  ///< a response's first bytes begin no status line, so another protocol speaks
    line_too_long,   ///< request line over kRequestLineBytesMax: 414
    too_large,       ///< head over kHeadBytesMax: 431
  };
  /// One empty line before a request is skipped (RFC 9112 section 2.2), before a response it is
  /// not.
  enum class Kind : std::uint8_t { request, response };

  explicit HeadScanner(Kind kind) : kind_(kind) {}

  /// `bytes` is everything since the head's start, from the first byte at each call; it may have
  /// moved in memory. REQUIRES: every verdict so far was `incomplete`.
  Status feed(std::string_view bytes);

  /// Returns the fault of a verdict; none for `incomplete` and `complete`.
  static HeadFault fault(Status verdict);

  /// The head's place in `bytes`: 2 if an empty line was skipped, else 0.
  std::size_t begin() const { return begin_; }
  /// After `complete`: the head's bytes, blank line included. parse_request_head() takes
  /// `bytes.substr(begin(), length())`, and the body follows it.
  std::size_t length() const { return scanned_ - begin_; }

  /// After `complete`, for a response: true if a line ends with LF alone or is folded, which breaks
  /// the letter of the RFC. unfold_head() makes a head of it that can be parsed.
  bool odd() const { return odd_; }

  /// Prepares for the next head.
  void reset() { *this = HeadScanner(kind_); }

 private:
  Status begin_head(std::string_view bytes);

  Kind kind_;
  bool begun_ = false;  // the head's first byte was seen
  bool odd_ = false;
  std::size_t begin_ = 0;
  std::size_t scanned_ = 0;  // bytes that need no second look
  std::size_t line_ = 0;     // where the current line begins
};

}  // namespace bearer::http
