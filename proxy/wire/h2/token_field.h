// The Authorization field of a request, which nghttp2 does not pack.
//
// nghttp2 never puts that field into a connection's table, and would pack the token by Huffman's
// code for every request: a fifth of what a request to an upstream of HTTP/2 costs. So it gets an
// empty field, the last one of the head, and the token is put into the frame as it stands, as a
// literal that is never indexed (RFC 7541 section 6.2.3).
#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "wire/h2/message_reader.h"

namespace bearer::wire::h2 {

/// The place of the field whose value is to be put into the frame; head.size() if there is none, if
/// it is so short that nghttp2 may pack it, or if the head may take several frames.
std::size_t token_field(std::span<const Field> head);

/// The pieces of a frame that go out before its token, in this order.
struct TokenFrame {
  std::array<char, 9> header;
  std::string_view fields;
  std::string length;
};
/// The frame that has a token of so many bytes where `frame`, HEADERS of nghttp2's, has an empty
/// Authorization field at its end. nullopt if it is no such frame.
std::optional<TokenFrame> token_frame(std::string_view frame, std::size_t token_bytes);

}  // namespace bearer::wire::h2
