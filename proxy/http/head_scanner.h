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

/// Finds where a head ends, looking at each byte once however the bytes arrive: the verdict does
/// not depend on how they were cut. Says nothing about the head's inside but its line ends.
class HeadScanner {
 public:
  enum class Status : std::uint8_t {
    incomplete,
    complete,
    malformed,      ///< a request's bare LF, a second empty line ahead, or a first byte that starts
                    ///< no HTTP/1
    line_too_long,  ///< request line over kRequestLineBytesMax: 414
    too_large,      ///< head over kHeadBytesMax: 431
  };
  /// One empty line ahead of a request is skipped (RFC 9112 section 2.2), of a response it is not.
  enum class Kind : std::uint8_t { request, response };

  explicit HeadScanner(Kind kind) : kind_(kind) {}

  /// `bytes` is everything since the head's start, again from the first byte at each call; it may
  /// lie elsewhere in memory than before. REQUIRES: no verdict but `incomplete` yet.
  Status feed(std::string_view bytes);

  /// Returns the fault that a verdict stands for; none for `incomplete` and `complete`.
  static HeadFault fault(Status verdict);

  /// The head's place in `bytes`: 2 where an empty line was skipped, else 0.
  std::size_t begin() const { return begin_; }
  /// After `complete`: the head's bytes, blank line included: `bytes.substr(begin(), length())` is
  /// what parse_request_head() takes, and what follows it is the body's.
  std::size_t length() const { return scanned_ - begin_; }

  /// After `complete`, of a response: it is not to the letter, for a line ends with LF alone or is
  /// folded. unfold_head() makes a head of it that can be parsed.
  bool odd() const { return odd_; }

  /// Ready for the next head.
  void reset() { *this = HeadScanner(kind_); }

 private:
  Status begin_head(std::string_view bytes);

  Kind kind_;
  bool begun_ = false;  // the head's first byte was seen
  bool odd_ = false;
  std::size_t begin_ = 0;
  std::size_t scanned_ = 0;  // bytes that need no second look
  std::size_t line_ = 0;     // where the line under way begins
};

}  // namespace bearer::http
