// Fields that go out as they stand. nghttp2 makes the frame of a head without them, and they are
// put behind its other fields as literals that are not indexed (RFC 7541 section 6.2.2 and 6.2.3).
//
// In requests these are the fields whose values are always others: the token, and what tells
// requests apart. They have no place in a connection's table, and nghttp2 would pack each by
// Huffman's code, which cost a fifth of a request to an upstream of HTTP/2. In responses these are
// all fields: clients are near, so that packing costs more than the bytes that it saves, and an
// idle connection keeps no table.
#pragma once

#include <cstddef>
#include <span>
#include <string_view>

#include "wire/h2/message_reader.h"

namespace bearer::wire::h2 {

/// True if the value is another one in each request.
bool never_repeats(const Field& field);
/// True if a frame holds all of the head, however little of it can be packed.
bool fits_one_frame(std::span<const Field> head);

/// The most bytes that write_frame() adds for these.
std::size_t literals_bytes_max(std::span<const Field> literals);
/// Writes `frame` to `to` with the literals behind its fields. Returns its size; 0 if it is no
/// HEADERS frame that holds a whole head, or becomes too large.
std::size_t write_frame(std::string_view frame, std::span<const Field> literals, char* to);

}  // namespace bearer::wire::h2
