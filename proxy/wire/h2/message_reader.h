// Reads an HTTP/1.1 message that this program wrote itself, to send it as HTTP/2: so it is well
// formed, and nothing of it is checked again.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace bearer::wire::h2 {

struct Field {
  std::string_view name;  ///< in lower case
  std::string_view value;
};
using Fields = std::vector<Field>;

/// Those of lines that each end with CRLF. Views into them.
Fields fields_of(std::string_view lines);

/// Takes the message in pieces of any size. Holds memory only for a head or trailers that come in
/// several.
class MessageReader {
 public:
  enum class Kind : std::uint8_t { request, response };
  explicit MessageReader(Kind kind) : kind_(kind) {}

  enum class What : std::uint8_t {
    nothing,  ///< more bytes are needed
    head,     ///< start_line() and fields() are there: see below
    data,     ///< some of the body
    end,      ///< the message is whole; trailers() is there. Said once
  };
  struct Step {
    What what = What::nothing;
    std::size_t taken = 0;       ///< of the bytes
    std::string_view data = {};  ///< of What::data, among the bytes taken
  };

  /// The next step, for as long as it is not What::nothing, which takes all of `bytes`.
  Step read(std::string_view bytes);

  // Of a head: views into the bytes that were read last and into memory that the thread's readers
  // share. So they are good until one of them reads again.

  std::string_view start_line() const;
  /// Without those that concern a connection, Upgrade and TE among them; Host is there.
  const Fields& fields() const;
  std::string_view upgrade() const;
  bool takes_trailers() const { return takes_trailers_; }
  /// The head is not needed any more, which the next read() takes for granted.
  void forget();
  /// No body follows the head that was read, by its fields.
  bool bodiless() const { return state_ == State::end; }
  /// What follows the head is neither counted nor in chunks.
  bool open_ended() const { return state_ == State::raw; }

  // What only the context of a head tells, said right after What::head.
  void no_body_follows() { state_ = State::end; }
  void anything_follows() { state_ = State::raw; }
  /// It was an interim response's.
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

  std::size_t take_lines(std::string_view bytes, std::string_view until);
  Step read_head(std::string_view bytes);
  bool read_size(std::string_view bytes, std::size_t& taken);
  std::size_t parse_head(std::string_view bytes);
  bool concerns_message(const Field& field);

  std::string lines_;       // of a head or trailers under way
  std::uint64_t left_ = 0;  // of a body with a length, or of a chunk; while its size is read, that
  Kind kind_;
  State state_ = State::head;
  std::uint8_t line_end_ = 0;  // bytes of a chunk's CRLF that were read
  bool takes_trailers_ = false;
  bool read_ = false;  // what lines_ holds
};

}  // namespace bearer::wire::h2
