// Requests and responses whose framing the tests look at.
#pragma once

#include <string>

#include "tests/integration/relay/stage.h"

namespace bearer::test::framing {

/// Sends `request`, lets the upstream say `response`, and gives the head the client got.
inline RawMessage head_of(RawSocket& client, RawSocket& upstream, const std::string& request,
                          const std::string& response) {
  client.send(request);
  read_message(upstream);
  upstream.send(response);
  return read_head(client);
}

inline std::string head_request() {
  return "HEAD /h HTTP/1.1\r\nHost: localhost\r\n\r\n";
}
inline std::string old_get(std::string_view more = {}) {
  return "GET / HTTP/1.0\r\n" + std::string(more) + "\r\n";
}
inline constexpr const char* kChunked = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";

}  // namespace bearer::test::framing
