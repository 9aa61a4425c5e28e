// What a server of HTTP/2 sends to three requests, and responses that are read as whole HTTP/1.1 or
// not at all.
#include <array>
#include <memory>
#include <string>
#include <string_view>

#include "http/body_reader.h"
#include "http/framing.h"
#include "http/head_parser.h"
#include "http/head_scanner.h"
#include "net/outbox.h"
#include "tests/fuzz/pieces.h"
#include "tests/fuzz/target.h"
#include "tests/support/owned_loop.h"
#include "tests/support/wire.h"
#include "wire/h2/client_connection.h"
#include "wire/h2/client_stream.h"

namespace bearer::fuzz {
namespace {

using wire::h2::ClientConnection;
using wire::h2::ClientStream;

struct Asked {
  http::Method method;
  std::string_view request;
  std::unique_ptr<ClientStream> stream = {};
  std::string read = {};
  net::Io::Status end = net::Io::Status::blocked;
};

void read(Asked& asked) {
  std::array<char, 777> room;
  for (;;) {
    const net::Io io = asked.stream->read(room);
    check(asked.end != net::Io::Status::ended || io.status == net::Io::Status::ended,
          "nothing comes after a response's end");
    asked.end = io.status;
    if (!io.ok()) return;
    asked.read.append(room.data(), io.bytes);
  }
}

/// Takes the interim heads and the final one off `message`.
http::Framing take_heads(std::string_view& message, http::Method method) {
  http::ResponseHead head;
  head.fields.limit(http::FieldList::kNoLimit);
  http::Framing framing;
  do {
    http::HeadScanner scanner(http::HeadScanner::Kind::response);
    check(scanner.feed(message) == http::HeadScanner::Status::complete, "a head is whole");
    check(http::parse_response_head(message.substr(0, scanner.length()), head) ==
              http::HeadFault::none,
          "what HTTP/2 takes for fields are such");
    check(http::response_framing(head, method, framing) == http::HeadFault::none,
          "a body is framed in one way");
    message.remove_prefix(scanner.length());
  } while (head.status < 200);
  return framing;
}

void look_at(const Asked& asked) {
  if (asked.end != net::Io::Status::ended) return;
  std::string_view message = asked.read;
  http::BodyReader body(take_heads(message, asked.method));
  while (!body.done()) {
    check(!message.empty(), "a response that has ended is whole");
    const auto step = body.next(message);
    check(step.status != http::BodyReader::Status::malformed, "chunks are well-formed");
    message.remove_prefix(step.consumed);
  }
  check(message.empty(), "nothing follows a response");
}

void run(std::string_view bytes) {
  test::OwnedLoop owned;
  net::Sleeper sleeper(owned.loop());
  const auto wire = std::make_shared<test::Wire>();
  auto connection = std::make_shared<ClientConnection>(owned.loop(), test::proxy_end(wire), false);
  std::array<Asked, 3> all{
      Asked{http::Method::get, "GET / HTTP/1.1\r\nHost: a\r\n\r\n"},
      Asked{http::Method::head, "HEAD / HTTP/1.1\r\nHost: a\r\n\r\n"},
      Asked{http::Method::post,
            "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n"}};
  for (Asked& asked : all) {
    asked.stream = std::make_unique<ClientStream>(connection);
    asked.stream->set_waiter(&sleeper);
    const iovec parts[] = {net::part(asked.request)};
    asked.stream->write(parts);
  }
  owned.turn();
  for (Pieces pieces(bytes); !pieces.empty();) {
    wire->give(pieces.next());
    owned.turn();
    for (Asked& asked : all) read(asked);
  }
  wire->end();
  owned.turn();
  owned.turn();
  for (Asked& asked : all) {
    read(asked);
    check(asked.end != net::Io::Status::blocked, "with its connection a stream ends");
    look_at(asked);
  }
}

const Registration registration("http2_upstream", run);

}  // namespace
}  // namespace bearer::fuzz
