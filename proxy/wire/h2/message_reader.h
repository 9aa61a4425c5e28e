// Reads an HTTP/1.1 message that this program wrote itself, to send it as HTTP/2. It is therefore
// well formed, and is not checked again.
#pragma once

#include <sys/uio.h>

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace bearer::wire::h2 {

struct Field {
  std::string_view name;  ///< in lower case
  std::string_view value;
};
using Fields = std::vector<Field>;

/// The fields of lines that each end with CRLF. Views into them.
Fields fields_of(std::string_view lines);

/// Takes the message in pieces of any size. Holds memory only for a head or trailers that come in
/// several.
class MessageReader {
 public:
  enum class Kind : std::uint8_t { request, response };
  explicit MessageReader(Kind kind) : kind_(kind) {}
  MessageReader(const MessageReader&) = delete;
  MessageReader& operator=(const MessageReader&) = delete;
  /// Wipes what it holds of a head.
  ~MessageReader() { forget(); }

  enum class What : std::uint8_t {
    nothing,  ///< more bytes are needed
    head,     ///< start_line() and fields() are there: see below
    data,     ///< some of the body
    end,      ///< the message is whole; trailers() is there. Returned once
  };
  struct Step {
    What what = What::nothing;
    std::size_t taken = 0;       ///< of the bytes
    std::string_view data = {};  ///< with What::data, within the bytes taken
  };

  /// Reads a head that `pieces` hold whole, where it stands but for lines that are cut. Returns its
  /// size; what applies after What::head applies then. 0 if they hold no whole head, or lines too
  /// long to be joined: give them to read().
  std::size_t read_head(std::span<const iovec> pieces);
  /// Returns the next step. Call it until it returns What::nothing, which takes all of `bytes`.
  Step read(std::string_view bytes);

  // The parts of a head. They are views into the bytes that were read last and into memory that the
  // thread's readers share, so they are good until one of them reads again or forget().

  std::string_view start_line() const;
  /// Without the fields that concern a connection, such as Upgrade and TE; with Host.
  const Fields& fields() const;
  std::string_view upgrade() const;
  bool takes_trailers() const { return takes_trailers_; }
  /// The head is not needed any more. The next read() assumes that, too.
  void forget();
  /// True if no body follows the head that was read, by its fields.
  bool bodiless() const { return state_ == State::end; }
  /// True if the bytes after the head are neither counted nor in chunks.
  bool open_ended() const { return state_ == State::raw; }

  // Facts that only a head's context tells. Call them right after What::head.
  void no_body_follows() { state_ = State::end; }
  void anything_follows() { state_ = State::raw; }
  /// The head was an interim response's.
  void another_head_follows() { state_ = State::head; }

  /// Field lines, names in lower case; mostly empty.
  std::string& trailers() { return lines_; }

 private:
  enum class State : std::uint8_t {
    head,
    length,
    size,
    chunk,
    chunk_end,
    trailers,
    raw,
    end,
    over
  };

  void append(std::string_view bytes);
  std::size_t take_lines(std::string_view bytes, std::string_view until);
  Step read_head(std::string_view bytes);
  void begin_head(std::size_t bytes);
  std::size_t parse_lines(std::string_view bytes);
  void parse_line(std::string_view line);
  bool read_size(std::string_view bytes, std::size_t& taken);
  bool concerns_message(const Field& field);

  std::string lines_;       // of the current head or trailers, if they come in pieces
  std::uint64_t left_ = 0;  // left of a body or chunk; while a chunk's size is read, that size
  Kind kind_;
  State state_ = State::head;
  std::uint8_t line_end_ = 0;  // bytes of a chunk's CRLF that were read
  bool takes_trailers_ = false;
  bool whole_ = false;  // the head's empty line was parsed
  bool read_ = false;   // the content of lines_ has been read
};

}  // namespace bearer::wire::h2
