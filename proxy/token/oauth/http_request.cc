#include "token/oauth/http_request.h"

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "base/advice.h"
#include "base/text.h"
#include "http/challenge.h"
#include "http/date.h"
#include "http/message.h"
#include "http/retry_after.h"
#include "net/dial_failure.h"
#include "net/wait.h"
#include "token/oauth/content_coding.h"
#include "wire/connect.h"
#include "wire/one_request.h"
#include "wire/tls_wanted.h"

namespace bearer::token {
namespace {

/// Describes the failure of the endpoint of `options`. `fault` is a wire::OneRequest's.
base::Error failure(const EndpointOptions& options, const base::Error& fault) {
  const std::string what = "the " + std::string(options.what);
  const std::string check = "check " + std::string(options.setting);
  const std::string why = fault.detail.empty() ? "" : " (" + fault.detail + ")";
  switch (fault.code) {
    case base::Errc::response_timeout: {
      const auto limit =
          std::chrono::duration_cast<std::chrono::milliseconds>(options.answer_timeout);
      return {base::Errc::token_unreachable,
              what + " sent no whole answer within " + std::to_string(limit.count()) + " ms",
              check};
    }
    case base::Errc::connection_lost: {
      const std::string alert = net::alert_fix(options.server(), fault.detail);
      return {base::Errc::token_unreachable,
              what + " closed the connection before its answer was whole" + why,
              alert.empty() ? check + ": its scheme and port" : alert};
    }
    default:
      return {base::Errc::token_malformed, what + "'s answer cannot be read as HTTP/1.1" + why,
              check};
  }
}

/// Keeps faults of this machine's files apart from faults that pass.
base::Error unreachable(const EndpointOptions& options, const base::Error& why) {
  base::Error made = net::dial_failure(options.server(), why);
  made.code = why.code == base::Errc::client_certificate_unusable ? base::Errc::file_unreadable
                                                                  : base::Errc::token_unreachable;
  return made;
}

base::Error unknown_coding(const EndpointOptions& options, std::string_view codings) {
  const std::string named = codings.empty() ? "gzip" : base::printable(codings, 40);
  return {base::Errc::token_malformed,
          "the " + std::string(options.what) + "'s answer has the content coding " + named +
              ", which nobody asked for and which cannot be undone",
          "check " + std::string(options.setting)};
}

base::Error tls_wanted(const EndpointOptions& options) {
  return {base::Errc::token_malformed,
          "the " + std::string(options.what) + " answered 400: " + std::string(wire::kTlsWanted),
          base::advice_on(base::Trouble::tls_wanted, options.setting)};
}

/// Empty if no proof is wanted.
base::Result<std::string_view> prove(const http::Url& url, const TokenRequest& request,
                                     base::WallTime now) {
  if (request.prover == nullptr) return std::string_view();
  return request.prover->prove({.method = request.verb == TokenRequest::Verb::post ? "POST" : "GET",
                                .origin = url.origin(),
                                .target = url.path.starts_with('/') ? url.path : "/",
                                .token_digest = {},
                                .nonce = request.nonce,
                                .now = now});
}

/// Copies the parts of the head that the answer keeps.
void note(const http::ResponseHead& head, Answer& answer) {
  answer.status = head.status;
  answer.content_type = head.fields.value(http::FieldName::content_type);
  const auto date = http::parse_date(head.fields.value(http::FieldName::date),
                                     std::chrono::floor<std::chrono::seconds>(answer.wall));
  if (date) answer.date = date->rounded_up();
  answer.dpop_nonce = http::dpop_nonce(head.fields);
  if (const auto retry = http::retry_delay(head.status, head.fields, answer.wall)) {
    answer.retry_after = retry->delay;
  }
}

std::string content_codings(const http::ResponseHead& head) {
  std::string codings;
  for (const http::Field& field : head.fields) {
    if (!base::iequals(field.name, "Content-Encoding")) continue;
    if (!codings.empty()) codings += ", ";
    codings += field.value;
  }
  return codings;
}

}  // namespace

net::Task<base::Result<Answer>> http_request(net::Loop& loop, net::Resolver& resolver,
                                             const EndpointOptions& options,
                                             const TokenRequest& request) {
  const base::Clock& clock = loop.clock();
  net::Sleeper sleeper(loop);
  const net::Wait dialing{sleeper, base::after(clock.now(), options.connect_timeout)};
  const auto stream = co_await wire::connect(loop, resolver, options.destination(), dialing);
  if (!stream) co_return unreachable(options, stream.error());

  Answer answer;
  answer.sent = clock.now();
  answer.wall = clock.wall();
  const net::Wait wait{sleeper, base::after(answer.sent, options.answer_timeout)};
  wire::OneRequest asked(**stream, wait, kAnswerBytesMax);
  const base::Result<std::string_view> proof = prove(options.url, request, answer.wall);
  if (!proof) co_return proof.error();
  const base::Secret text = request_text(options.url, request, *proof);
  const base::Result<void> sent = co_await asked.send(text.reveal());
  if (!sent) co_return failure(options, sent.error());
  http::ResponseHead head;
  const base::Result<void> headed = co_await asked.read_head(head);
  if (!headed) co_return failure(options, headed.error());
  note(head, answer);
  const auto method =
      request.verb == TokenRequest::Verb::post ? http::Method::post : http::Method::get;
  const base::Result<base::Secret> body = co_await asked.read_body(method, head);
  if (!body) co_return failure(options, body.error());
  const std::string codings = content_codings(head);
  std::optional<base::Secret> decoded = decode_content(codings, *body, kAnswerBytesMax);
  if (!decoded) co_return unknown_coding(options, codings);
  if (!options.url.tls && wire::wants_tls(answer.status, decoded->reveal())) {
    co_return tls_wanted(options);
  }
  answer.body = std::move(*decoded);
  co_return answer;
}

}  // namespace bearer::token
