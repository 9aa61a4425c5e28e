#include "token/oauth/http_request.h"

#include <openssl/crypto.h>

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/text.h"
#include "http/body_reader.h"
#include "http/date.h"
#include "http/framing.h"
#include "http/head_parser.h"
#include "http/head_scanner.h"
#include "http/retry_after.h"
#include "net/dialer.h"
#include "net/tls_context.h"
#include "net/wait.h"
#include "net/write_all.h"
#include "token/dial_failure.h"
#include "token/oauth/content_coding.h"

namespace bearer::token {
namespace {

/// What came so far. It never moves, so that views into it stay valid, and pages that no byte
/// reached cost nothing. Wiped, for a token is among it.
class Inbox {
 public:
  Inbox() = default;
  Inbox(const Inbox&) = delete;
  Inbox& operator=(const Inbox&) = delete;
  ~Inbox() { OPENSSL_cleanse(memory_.get(), size_); }

  std::span<char> room() { return {memory_.get() + size_, kAnswerBytesMax - size_}; }
  void filled(std::size_t count) { size_ += count; }
  std::string_view bytes() const { return {memory_.get() + read_, size_ - read_}; }
  void consume(std::size_t count) { read_ += count; }

 private:
  std::unique_ptr<char[]> memory_ = std::make_unique_for_overwrite<char[]>(kAnswerBytesMax);
  std::size_t size_ = 0;
  std::size_t read_ = 0;
};

/// What can go wrong with the endpoint of `options`, in words.
class Faults {
 public:
  explicit Faults(const EndpointOptions& options) : options_(options) {}

  base::Error no_http(std::string_view why) const {
    return failure(base::Errc::token_malformed,
                   "'s answer is not proper HTTP/1.1 (" + std::string(why) + ")");
  }
  base::Error too_large() const {
    return failure(base::Errc::token_malformed, "'s answer is larger than 1 MiB");
  }
  base::Error lost(const net::Stream& stream) const {
    const std::string said = stream.failure();
    const std::string alert = alert_fix(options_.server(), said);
    base::Error made = failure(base::Errc::token_unreachable,
                               " closed the connection before its answer was whole");
    if (!said.empty()) made.detail += " (" + said + ")";
    made.fix = alert.empty() ? made.fix + ": its scheme and port" : alert;
    return made;
  }
  base::Error unknown_coding(std::string_view coding) const {
    return failure(base::Errc::token_malformed,
                   "'s answer has the content coding " + base::printable(coding, 40) +
                       ", which nobody asked for and which cannot be undone");
  }
  base::Error too_slow() const {
    const auto limit =
        std::chrono::duration_cast<std::chrono::milliseconds>(options_.answer_timeout);
    return failure(base::Errc::token_unreachable,
                   " sent no whole answer within " + std::to_string(limit.count()) + " ms");
  }

 private:
  base::Error failure(base::Errc code, const std::string& what_it_did) const {
    return {code, "the " + std::string(options_.what) + what_it_did,
            "check " + std::string(options_.setting)};
  }

  const EndpointOptions& options_;
};

/// The request as it goes over the wire, in one allocation: growing would leave copies.
base::Secret request_text(const http::Url& url, const TokenRequest& request) {
  const std::string_view authorization = request.authorization.reveal();
  const std::string_view form = request.form.reveal();
  const bool post = request.verb == TokenRequest::Verb::post;
  std::string head = (post ? "POST " : "GET ") + (url.path.empty() ? "/" : url.path) +
                     " HTTP/1.1\r\nHost: " + url.authority();
  if (post) {
    head += "\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: " +
            std::to_string(form.size());
  }
  head +=
      "\r\nAccept: application/json\r\nAccept-Encoding: identity\r\nUser-Agent: "
      "bearer-proxy\r\nConnection: close\r\n";
  constexpr std::string_view kAuthorization = "Authorization: ";
  std::string text;
  text.reserve(head.size() + kAuthorization.size() + authorization.size() + 4 + form.size());
  text.append(head);
  if (!authorization.empty()) text.append(kAuthorization).append(authorization).append("\r\n");
  text.append("\r\n").append(form);
  return base::Secret(std::move(text));
}

/// One request and its answer on a connection that stands.
class Exchange {
 public:
  Exchange(net::Stream& stream, net::Wait wait, const EndpointOptions& options)
      : stream_(stream), wait_(wait), faults_(options) {}

  net::Task<base::Result<void>> send(std::string_view text) {
    const net::Written written = co_await net::write_all(stream_, wait_, text);
    if (written == net::Written::whole) co_return {};
    if (written == net::Written::late) co_return faults_.too_slow();
    co_return faults_.lost(stream_);
  }

  /// Takes from the final response's head what the answer needs; interim ones are passed over.
  net::Task<base::Result<http::Framing>> read_head(http::Method method, Answer& answer) {
    http::HeadScanner scanner(http::HeadScanner::Kind::response);
    http::ResponseHead head;
    for (;;) {
      const auto status = scanner.feed(inbox_.bytes());
      if (status == http::HeadScanner::Status::incomplete) {
        const base::Result<bool> more = co_await receive();
        if (!more) co_return more.error();
        if (!*more) co_return faults_.lost(stream_);
        continue;
      }
      http::HeadFault fault = http::HeadScanner::fault(status);
      if (fault != http::HeadFault::none) co_return faults_.no_http(http::sentence(fault));
      const std::string_view bytes = inbox_.bytes().substr(scanner.begin(), scanner.length());
      fault = http::parse_response_head(bytes, head);
      if (fault != http::HeadFault::none) co_return faults_.no_http(http::sentence(fault));
      inbox_.consume(scanner.begin() + scanner.length());
      scanner.reset();
      if (head.status < 200) continue;
      note(head, answer);
      http::Framing framing;
      fault = http::response_framing(head, method, framing);
      if (fault != http::HeadFault::none) co_return faults_.no_http(http::sentence(fault));
      co_return framing;
    }
  }

  net::Task<base::Result<base::Secret>> read_body(http::Framing framing) {
    http::BodyReader reader(framing);
    std::vector<std::string_view> pieces;
    while (!reader.done()) {
      if (inbox_.bytes().empty()) {
        const base::Result<bool> more = co_await receive();
        if (!more) co_return more.error();
        if (!*more && !reader.at_eof()) co_return faults_.lost(stream_);
        continue;
      }
      const auto step = reader.next(inbox_.bytes());
      if (step.status == http::BodyReader::Status::malformed) co_return faults_.no_http("its body");
      inbox_.consume(step.consumed);
      pieces.push_back(step.data);
    }
    std::optional<base::Secret> body = decode_content(coding_, joined(pieces), kAnswerBytesMax);
    if (!body) co_return faults_.unknown_coding(coding_);
    co_return std::move(*body);
  }

 private:
  /// False at the stream's end.
  net::Task<base::Result<bool>> receive() {
    if (inbox_.room().empty()) {
      co_return faults_.too_large();
    }
    for (;;) {
      const net::Io io = stream_.read(inbox_.room());
      if (io.ok()) {
        inbox_.filled(io.bytes);
        co_return true;
      }
      if (io.status == net::Io::Status::ended) co_return false;
      if (!io.blocked()) co_return faults_.lost(stream_);
      if (co_await wait_.next() == net::Wake::timed_out) co_return faults_.too_slow();
    }
  }

  void note(const http::ResponseHead& head, Answer& answer) {
    answer.status = head.status;
    answer.content_type = head.fields.value(http::FieldName::content_type);
    answer.date = http::parse_date(head.fields.value(http::FieldName::date),
                                   std::chrono::floor<std::chrono::seconds>(answer.wall));
    for (const http::Field& field : head.fields) {
      if (base::iequals(field.name, "Content-Encoding")) coding_ = field.value;
    }
    if (const auto retry = http::retry_delay(head.status, head.fields, answer.wall)) {
      answer.retry_after = retry->delay;
    }
  }

  static base::Secret joined(const std::vector<std::string_view>& pieces) {
    std::size_t size = 0;
    for (const std::string_view piece : pieces) size += piece.size();
    std::string body;
    body.reserve(size);
    for (const std::string_view piece : pieces) body.append(piece);
    return base::Secret(std::move(body));
  }

  net::Stream& stream_;
  const net::Wait wait_;
  const Faults faults_;
  Inbox inbox_;
  std::string_view coding_;  // within the inbox, which does not move
};

}  // namespace

net::Task<base::Result<Answer>> http_request(net::Loop& loop, net::Resolver& resolver,
                                             const EndpointOptions& options,
                                             const TokenRequest& request) {
  const http::Url& url = options.url;
  std::unique_ptr<net::TlsContext> tls;
  if (url.tls) {
    auto made = net::TlsContext::make(
        {options.ca_file, url.host, options.client_cert_file, options.client_key_file});
    if (!made) co_return dial_failure(options.server(), made.error());
    tls = std::move(*made);
  }
  net::TcpDialer dialer(loop, resolver, url.host, url.port, std::move(tls),
                        options.egress.proxy_for(url.host));
  net::Sleeper sleeper(loop);
  const base::Clock& clock = loop.clock();
  const auto dialed =
      co_await dialer.dial({sleeper, base::after(clock.now(), options.connect_timeout)});
  if (!dialed) co_return dial_failure(options.server(), dialed.error());

  Answer answer;
  answer.sent = clock.now();
  answer.wall = clock.wall();
  const base::Instant deadline = base::after(answer.sent, options.answer_timeout);
  Exchange exchange(*dialed->stream, {sleeper, deadline}, options);
  const base::Secret text = request_text(url, request);
  const base::Result<void> sent = co_await exchange.send(text.reveal());
  if (!sent) co_return sent.error();
  const auto method =
      request.verb == TokenRequest::Verb::post ? http::Method::post : http::Method::get;
  const base::Result<http::Framing> framing = co_await exchange.read_head(method, answer);
  if (!framing) co_return framing.error();
  base::Result<base::Secret> body = co_await exchange.read_body(*framing);
  if (!body) co_return body.error();
  answer.body = std::move(*body);
  co_return answer;
}

}  // namespace bearer::token
