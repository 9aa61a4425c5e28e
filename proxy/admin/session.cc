#include "admin/session.h"

#include <chrono>
#include <optional>
#include <string>

#include "http/framing.h"
#include "http/head_fault.h"
#include "http/head_parser.h"
#include "net/write_all.h"
#include "wire/head_reader.h"
#include "wire/lingering.h"

namespace bearer::admin {
namespace {

using net::Task;
using wire::HeadReader;

// A scraper keeps its connection between two scrapes, which are 15 s or 60 s apart.
constexpr HeadReader::Limits kHeadLimits{.idle_max = std::chrono::seconds(75),
                                         .head_max = std::chrono::seconds(5)};
constexpr std::chrono::seconds kAnswerMax{5};
constexpr std::chrono::seconds kBodyMax{2};
constexpr std::size_t kBodyBytesMax = 16u << 10;  // nothing here needs one
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

/// Waits until `bytes` bytes are here; false if they do not come.
Task<bool> gather(Session& session, std::size_t bytes) {
  const base::Instant deadline = session.sleeper.loop().now() + kBodyMax;
  while (session.in.size() < bytes) {
    const net::Io io = session.stream->read(session.in.room(kReadBytes));
    if (io.ok()) {
      session.in.filled(io.bytes);
      continue;
    }
    if (!io.blocked() || session.sleeper.loop().now() >= deadline) co_return false;
    co_await session.sleeper.sleep(deadline);
  }
  co_return true;
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

/// Answers one request. False if the connection ends with it.
Task<bool> answer_next(Session& session, Endpoints& endpoints) {
  HeadReader reader(session.sleeper.loop(), kHeadLimits);
  const bool arrived = co_await arrive(session, reader);
  if (!arrived) co_return false;
  session.heard = session.sleeper.loop().now();
  http::RequestHead head;
  http::Framing framing;
  http::HeadFault fault = reader.fault();
  if (fault == http::HeadFault::none) {
    fault = http::parse_request_head(reader.head(session.in), head);
  }
  if (fault == http::HeadFault::none) fault = http::request_framing(head, framing);
  std::optional<Reply> refusal;
  const bool endless = framing.kind == http::Framing::Kind::chunked;
  if (fault != http::HeadFault::none) {
    refusal = problem(http::reply_status(fault),
                      http::sentence(fault, session.in.bytes().substr(reader.begin())));
  } else if (endless || framing.length > kBodyBytesMax) {
    refusal = problem(413, "no request here needs so large a body");
  }
  if (refusal) {
    const std::string message = serialize(*refusal, true, true);
    const bool sent = co_await send(session, message);
    if (sent) co_await part(session);
    co_return false;
  }

  // A PUT's body says what to change, so it is read first. The head may have moved.
  std::string body;
  if (head.method == http::Method::put && framing.length > 0) {
    const bool came = co_await gather(session, reader.end() + framing.length);
    if (!came) co_return false;
    body = session.in.bytes().substr(reader.end(), framing.length);
    http::parse_request_head(reader.head(session.in), head);
  }

  const http::CameInAt came_in_at = [&session](std::string_view host) {
    return session.stream->came_in_at(host);
  };
  const Reply answer = co_await endpoints.answer(
      {head, session.from_this_machine, session.sleeper, came_in_at, body});
  const bool close = !http::keep_alive(head.minor_version, head.fields);
  const std::string message = serialize(answer, head.method != http::Method::head, close);
  session.in.consume(reader.end());  // nothing refers to the head any more
  const bool sent = co_await send(session, message);
  if (!sent) co_return false;
  const bool whole = co_await gather(session, framing.length);  // also a body that nobody wanted
  if (whole && framing.length > 0) session.in.consume(framing.length);
  co_return whole && !close;
}

}  // namespace

Task<void> serve(Session& session, Endpoints& endpoints) {
  for (;;) {
    const bool more = co_await answer_next(session, endpoints);
    if (!more) co_return;
    co_await session.sleeper.let_others_go();  // so that one client is not served alone
  }
}

}  // namespace bearer::admin
