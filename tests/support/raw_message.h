// An HTTP/1.1 message as it came over a raw socket, and the bytes of simple ones. Trusts its peer
// to frame bodies well, so that the tests of framing do not depend on it.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "tests/support/raw_socket.h"

namespace bearer::test {

struct RawMessage {
  std::string start_line;
  std::string fields;  ///< their lines, each with its CRLF
  std::string body;    ///< its data, without chunks
  std::string trailers;

  int status() const;
  /// The first field of that name, spelled like this, has this value; empty if there is none.
  std::string value(std::string_view name) const;
  /// True for a whole line such as `Via: 1.1 bearer-proxy`.
  bool has(std::string_view line) const;
};

/// A head, up to and with the empty line; the body is left to be read.
RawMessage read_head(RawSocket& socket);
/// A request, or a response to a method other than HEAD: head and body. Not for a body that ends
/// with the connection.
RawMessage read_message(RawSocket& socket);
/// The message at the front of `bytes`, taken off them; nullopt if it is not whole yet.
std::optional<RawMessage> take_message(std::string& bytes);
/// Sends `request` and reads the response.
RawMessage ask(RawSocket& socket, std::string_view request);

/// `more` are whole field lines.
std::string get(std::string_view target = "/", std::string_view more = {});
std::string post(std::string_view body, std::string_view more = {});
std::string post_chunked(std::string_view body, std::string_view more = {});
/// `status` such as `429 Too Many Requests`.
std::string answer(std::string_view status, std::string_view body = {}, std::string_view more = {});
/// One chunk, or the last one and the end if `data` is empty.
std::string chunk(std::string_view data);

}  // namespace bearer::test
