// Turns the bytes of a framed body into its data, without copying (RFC 9112 sections 6 and 7).
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "http/framing.h"

namespace bearer::http {

inline constexpr std::size_t kChunkLineBytesMax = 4u << 10;        ///< size, extensions, CR
inline constexpr std::size_t kTrailerSectionBytesMax = 16u << 10;  ///< with its blank line

/// The treatment of chunks that break RFC 9112 section 7.1 but have only one reading: those with
/// blanks between the size and the line's end.
enum class Reading : std::uint8_t {
  strict,   ///< for a client: they are malformed
  lenient,  ///< for an upstream: they are accepted, and odd() says so
};

/// Small: it has no buffer, only a string that is empty unless there are trailers.
class BodyReader {
 public:
  enum class Status : std::uint8_t {
    more,       ///< the body goes on
    done,       ///< the body ended with what was consumed
    malformed,  ///< nothing more can be read from this connection
  };
  struct Step {
    std::size_t consumed = 0;  ///< bytes of `in` that are done with, framing and data
    std::string_view data;     ///< one run of data within those, or none; with any status
    Status status = Status::more;
  };

  explicit BodyReader(const Framing& framing, Reading reading = Reading::strict);

  /// Reads up to the second run of data at most. Consumes something unless `in` is empty or the
  /// verdict is `malformed`. Bytes that were not consumed must be offered again:
  ///
  ///     while (!reader.done()) {
  ///       if (in.empty()) in = more bytes, or at_eof() at the stream's end
  ///       Step step = reader.next(in);
  ///       in.remove_prefix(step.consumed);
  ///
  /// Bytes past the body's end are never consumed: they belong to the next message. All consumed
  /// bytes together are the body with its framing (chunk extensions and trailers too), for a caller
  /// that forwards it unchanged.
  Step next(std::string_view in);

  /// True from the start if there is no body.
  bool done() const { return state_ == State::done; }

  /// True if a consumed byte broke the letter of the RFC: the connection must carry nothing after
  /// this body.
  bool odd() const { return odd_; }

  /// The sender has ended its stream. True if the body is whole, which makes it done().
  bool at_eof();

  /// The bytes of data still to come, if that is known: not for chunked and until-close.
  std::optional<std::uint64_t> remaining() const;

  /// The number of bytes that come next and are only data; the largest number if there is no end.
  std::uint64_t plain() const;
  /// Notes that this many of them have passed by. REQUIRES: fewer than plain().
  void skip(std::uint64_t bytes);

  /// The trailer section's field lines, checked, for parse_field_lines(). Valid as long as the
  /// reader. Before done(), the part of it that has come: if the body is malformed, it is in there
  /// unless this is empty.
  std::string_view trailers() const { return trailers_; }

 private:
  enum class State : std::uint8_t {
    sized,        // remaining_ bytes, then the end
    until_close,  // everything is data
    chunk_size,   // its hex digits
    chunk_blank,  // blanks after the size: an extension, or the line's end if lenient
    extension,
    size_lf,
    chunk_data,  // remaining_ bytes, then CRLF
    data_cr,
    data_lf,
    trailer,
    done,
    malformed,
  };

  std::string_view take_data(std::string_view in);
  State read_framing(char c);
  State read_size_line(char c);
  std::size_t read_trailers(std::string_view in);
  State end_trailer_line();

  std::uint64_t remaining_ = 0;  // of the body or the chunk; the size so far while one is read
  std::string trailers_;
  std::uint16_t line_bytes_ = 0;  // of the chunk's line
  State state_;
  Reading reading_;
  bool odd_ = false;
};

static_assert(sizeof(BodyReader) <= 64);

}  // namespace bearer::http
