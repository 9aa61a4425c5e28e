#include "admin/session.h"

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "base/text.h"
#include "http/body_reader.h"
#include "http/framing.h"
#include "http/head_fault.h"
#include "http/head_parser.h"
#include "net/write_all.h"
#include "wire/head_reader.h"
#include "wire/lingering.h"

namespace bearer::admin {
namespace {

using http::Framing;
using net::Task;
using wire::HeadReader;

// A scraper keeps its connection between two scrapes, which are 15 s or 60 s apart.
constexpr HeadReader::Limits kHeadLimits{.idle_max = std::chrono::seconds(75),
                                         .head_max = std::chrono::seconds(5)};
constexpr std::chrono::seconds kAnswerMax{5};
constexpr std::chrono::seconds kBodyMax{2};
constexpr std::size_t kBodyBytesMax = 16u << 10;      // nothing here needs one
constexpr std::size_t kBodyWireBytesMax = 64u << 10;  // the same with the lines of its chunks
constexpr std::string_view kTooLarge = "no request here needs so large a body";
constexpr std::size_t kReadBytes = 4u << 10;
constexpr wire::Patience::Limits kLingerLimits{
    .time_max = kBodyMax, .silence_max = kBodyMax, .bytes_max = kBodyBytesMax};

/// Waits for a whole head; false if none comes.
Task<bool> arrive(Session& session, HeadReader& reader) {
  for (;;) {
    const HeadReader::Status status = reader.look(*session.stream, session.in);
    if (status != HeadReader::Status::coming) co_return status == HeadReader::Status::here;
    co_await session.sleeper.sleep(reader.deadline());
  }
}

struct Body {
  enum class End { whole, missing, malformed, too_large };
  End end = End::missing;
  std::string data = {};
  std::size_t wire_bytes = 0;  ///< with its framing
};

/// Reads what has come of a body, which begins at `begin` in `session.in` and stays there. True if
/// that was its end.
bool read_on(const Session& session, http::BodyReader& reader, std::size_t begin, Body& body) {
  std::string_view in = session.in.bytes().substr(begin + body.wire_bytes);
  while (!in.empty() && !reader.done()) {
    const http::BodyReader::Step step = reader.next(in);
    in.remove_prefix(step.consumed);
    body.wire_bytes += step.consumed;
    body.data += step.data;
    if (step.status != http::BodyReader::Status::malformed) continue;
    body.end = Body::End::malformed;
    return true;
  }
  if (reader.done()) body.end = Body::End::whole;
  if (body.data.size() > kBodyBytesMax || body.wire_bytes > kBodyWireBytesMax) {
    body.end = Body::End::too_large;
  }
  return body.end != Body::End::missing;
}

/// Waits for a whole body, which begins at `begin` in `session.in`.
Task<Body> gather(Session& session, Framing framing, std::size_t begin) {
  const base::Instant deadline = session.sleeper.loop().now() + kBodyMax;
  http::BodyReader reader(framing);
  Body body;
  while (!read_on(session, reader, begin, body)) {
    const net::Io io = session.stream->read(session.in.room(kReadBytes));
    if (io.ok()) {
      session.in.filled(io.bytes);
      continue;
    }
    if (!io.blocked() || session.sleeper.loop().now() >= deadline) break;
    co_await session.sleeper.sleep(deadline);
  }
  co_return body;
}

std::optional<Reply> refused(Body::End end) {
  if (end == Body::End::too_large) return problem(413, kTooLarge);
  if (end == Body::End::malformed) return problem(400, "the chunks of the body are malformed");
  return std::nullopt;
}

/// False if the client does not take the message in time.
Task<bool> send(Session& session, const std::string& message) {
  const base::Instant deadline = session.sleeper.loop().now() + kAnswerMax;
  const net::Wait wait{session.sleeper, deadline};
  const net::Written written = co_await net::write_all(*session.stream, wait, message);
  co_return written == net::Written::whole;
}

/// Closing at once would make the client lose our last answer.
Task<void> part(Session& session) {
  session.in.clear();
  wire::Patience patience(session.sleeper.loop(), kLingerLimits);
  co_await wire::linger(*session.stream, session.sleeper, session.in.room(kReadBytes), patience);
}

Task<void> refuse(Session& session, const Reply& refusal) {
  const std::string message = serialize(refusal, {.close = true});
  const bool sent = co_await send(session, message);
  if (sent) co_await part(session);
}

/// True if the client waits to be told to send its body (RFC 9110 section 10.1.1).
bool waits_for_100(const http::RequestHead& head) {
  return head.minor_version == 1 &&
         base::iequals(head.fields.value(http::FieldName::expect), "100-continue");
}

/// Reads the head that has come. Returns the refusal, if it is refused.
std::optional<Reply> read_head(const Session& session, const HeadReader& reader,
                               http::RequestHead& head, Framing& framing) {
  http::HeadFault fault = reader.fault();
  if (fault == http::HeadFault::none) {
    fault = http::parse_request_head(reader.head(session.in), head);
  }
  if (fault == http::HeadFault::none) fault = http::request_framing(head, framing);
  if (fault != http::HeadFault::none) {
    return problem(http::reply_status(fault),
                   http::sentence(fault, session.in.bytes().substr(reader.begin())));
  }
  return framing.length > kBodyBytesMax ? std::optional(problem(413, kTooLarge)) : std::nullopt;
}

/// Waits for the body that belongs to this head. If it is not whole, the connection ends.
Task<Body> take_body(Session& session, const HeadReader& reader, const http::RequestHead& head,
                     Framing framing) {
  if (waits_for_100(head) && session.in.size() == reader.end()) {
    const std::string go_on = "HTTP/1.1 100 Continue\r\n\r\n";
    const bool told = co_await send(session, go_on);
    if (!told) co_return Body{};
  }
  Body body = co_await gather(session, framing, reader.end());
  const std::optional<Reply> refusal = refused(body.end);
  if (refusal) co_await refuse(session, *refusal);
  co_return body;
}

/// Answers one request. False if the connection ends with it.
Task<bool> answer_next(Session& session, Endpoints& endpoints) {
  HeadReader reader(session.sleeper.loop(), kHeadLimits);
  const bool arrived = co_await arrive(session, reader);
  if (!arrived) co_return false;
  session.heard = session.sleeper.loop().now();
  http::RequestHead head;
  Framing framing;
  const std::optional<Reply> refusal = read_head(session, reader, head, framing);
  if (refusal) {
    co_await refuse(session, *refusal);
    co_return false;
  }

  // A PUT's body says what to change, and chunks may be malformed, so these are read first.
  const bool first = head.method == http::Method::put || framing.kind == Framing::Kind::chunked;
  Body body;
  if (first) {
    body = co_await take_body(session, reader, head, framing);
    if (body.end != Body::End::whole) co_return false;
    http::parse_request_head(reader.head(session.in), head);  // it may have moved
  }

  const http::CameInAt came_in_at = [&session](std::string_view host) {
    return session.stream->came_in_at(host);
  };
  const Reply reply = co_await endpoints.answer(
      {head, session.from_this_machine, session.sleeper, came_in_at, body.data});
  const bool close = !http::keep_alive(head.minor_version, head.fields);
  const std::string message =
      serialize(reply, {.with_body = head.method != http::Method::head, .close = close});
  session.in.consume(reader.end() + body.wire_bytes);  // nothing refers to the head any more
  const bool sent = co_await send(session, message);
  if (!sent) co_return false;
  if (!first) {
    body = co_await gather(session, framing, 0);  // nobody wanted it
    session.in.consume(body.wire_bytes);
  }
  co_return body.end == Body::End::whole && !close;
}

}  // namespace

wire::SessionTask<Session> serve(Session& session, Endpoints& endpoints) {
  for (;;) {
    const bool more = co_await answer_next(session, endpoints);
    if (!more) co_return;
    co_await session.sleeper.let_others_go();  // so that one client is not served alone
  }
}

}  // namespace bearer::admin
