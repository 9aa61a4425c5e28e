#include "admin/session.h"

#include <algorithm>
#include <chrono>
#include <optional>
#include <string>

#include "base/clock.h"
#include "http/framing.h"
#include "http/head_fault.h"
#include "http/head_parser.h"
#include "http/head_scanner.h"
#include "net/write_all.h"

namespace bearer::admin {
namespace {

using net::Task;
using Scan = http::HeadScanner::Status;

// A scraper keeps its connection between two scrapes, which are 15 s apart or 60.
constexpr std::chrono::seconds kIdleMax{75};
constexpr std::chrono::seconds kHeadMax{5};
constexpr std::chrono::seconds kAnswerMax{5};
constexpr std::chrono::seconds kBodyMax{2};
constexpr std::size_t kBodyBytesMax = 16u << 10;  // nothing here needs one
constexpr std::size_t kReadBytes = 4u << 10;

enum class Read { some, nothing, ended };

Read read(Session& session) {
  const net::Io io = session.stream->read(session.in.room(kReadBytes));
  if (io.ok()) session.in.filled(io.bytes);
  if (io.ok()) return Read::some;
  if (session.in.empty()) session.in.clear();  // one that idles holds no buffer
  return io.blocked() ? Read::nothing : Read::ended;
}

/// Waits for a whole head; `incomplete` if there will be none.
Task<Scan> arrive(Session& session, http::HeadScanner& scanner) {
  const net::Loop& loop = session.sleeper.loop();
  base::Instant deadline = loop.now() + kIdleMax;
  bool begun = false;
  for (;;) {
    if (!session.in.empty()) {
      const Scan scan = scanner.feed(session.in.bytes());
      if (scan != Scan::incomplete) co_return scan;
      if (!begun) deadline = loop.now() + kHeadMax;
      begun = true;
    }
    const Read outcome = read(session);
    if (outcome == Read::some) continue;
    if (outcome == Read::ended || loop.now() >= deadline) co_return Scan::incomplete;
    co_await session.sleeper.sleep(deadline);
  }
}

/// Takes `bytes` of a body that nobody reads; false if they do not come.
Task<bool> pass_over(Session& session, std::size_t bytes) {
  const base::Instant deadline = session.sleeper.loop().now() + kBodyMax;
  while (bytes > 0) {
    const std::size_t here = std::min(bytes, session.in.size());
    if (here > 0) session.in.consume(here);
    bytes -= here;
    if (bytes == 0) break;
    const Read outcome = read(session);
    if (outcome == Read::some) continue;
    if (outcome == Read::ended || session.sleeper.loop().now() >= deadline) co_return false;
    co_await session.sleeper.sleep(deadline);
  }
  co_return true;
}

/// Waits until so many bytes are here; false if they do not come.
Task<bool> gather(Session& session, std::size_t bytes) {
  const base::Instant deadline = session.sleeper.loop().now() + kBodyMax;
  while (session.in.size() < bytes) {
    const Read outcome = read(session);
    if (outcome == Read::some) continue;
    if (outcome == Read::ended || session.sleeper.loop().now() >= deadline) co_return false;
    co_await session.sleeper.sleep(deadline);
  }
  co_return true;
}

/// False if the client does not take it in time.
Task<bool> send(Session& session, const std::string& message) {
  const base::Instant deadline = session.sleeper.loop().now() + kAnswerMax;
  const net::Wait wait{session.sleeper, deadline};
  const net::Written written = co_await net::write_all(*session.stream, wait, message);
  co_return written == net::Written::whole;
}

/// Reads what the client still sends, or closing would take our last answer away from it.
Task<void> part(Session& session) {
  session.stream->shut();
  session.in.clear();
  co_await pass_over(session, kBodyBytesMax);
}

/// One request. False if the connection ends with it.
Task<bool> answer_next(Session& session, Endpoints& endpoints) {
  http::HeadScanner scanner(http::HeadScanner::Kind::request);
  const Scan scan = co_await arrive(session, scanner);
  if (scan == Scan::incomplete) co_return false;
  session.heard = session.sleeper.loop().now();
  http::RequestHead head;
  http::Framing framing;
  http::HeadFault fault = http::HeadScanner::fault(scan);
  if (fault == http::HeadFault::none) {
    const std::string_view bytes = session.in.bytes().substr(scanner.begin(), scanner.length());
    fault = http::parse_request_head(bytes, head);
  }
  if (fault == http::HeadFault::none) fault = http::request_framing(head, framing);
  std::optional<Reply> refusal;
  const bool endless = framing.kind == http::Framing::Kind::chunked;
  if (fault != http::HeadFault::none) {
    refusal = problem(http::reply_status(fault),
                      http::sentence(fault, session.in.bytes().substr(scanner.begin())));
  } else if (endless || framing.length > kBodyBytesMax) {
    refusal = problem(413, "no request here needs so large a body");
  }
  if (refusal) {
    const std::string message = serialize(*refusal, true, true);
    const bool sent = co_await send(session, message);
    if (sent) co_await part(session);
    co_return false;
  }

  // Where the body says what changes, it is read first; the head may have moved.
  std::string body;
  if (head.method == http::Method::put && framing.length > 0) {
    const std::size_t begin = scanner.begin() + scanner.length();
    const bool came = co_await gather(session, begin + framing.length);
    if (!came) co_return false;
    body = session.in.bytes().substr(begin, framing.length);
    http::parse_request_head(session.in.bytes().substr(scanner.begin(), scanner.length()), head);
  }

  const http::CameInAt came_in_at = [&session](std::string_view host) {
    return session.stream->came_in_at(host);
  };
  const Reply answer = co_await endpoints.answer(
      {head, session.from_this_machine, session.sleeper, came_in_at, body});
  const bool close = !http::keep_alive(head.minor_version, head.fields);
  const std::string message = serialize(answer, head.method != http::Method::head, close);
  session.in.consume(scanner.begin() + scanner.length());  // nothing refers to the head any more
  const bool sent = co_await send(session, message);
  if (!sent) co_return false;
  const bool passed = co_await pass_over(session, framing.length);
  co_return passed && !close;
}

}  // namespace

Task<void> serve(Session& session, Endpoints& endpoints) {
  for (;;) {
    const bool more = co_await answer_next(session, endpoints);
    if (!more) co_return;
    co_await session.sleeper.let_others_go();  // who asks many things at once is not alone here
  }
}

}  // namespace bearer::admin
