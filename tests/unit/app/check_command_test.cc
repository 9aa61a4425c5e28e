#include "app/check_command.h"

#include <doctest/doctest.h>

#include <chrono>

#include "app/exit_status.h"

using namespace bearer;
using namespace bearer::app;
using base::Errc;

namespace {

/// Stands still: every step takes no time.
class StillClock final : public base::Clock {
 public:
  base::Instant now() const override { return base::Instant(std::chrono::hours(1)); }
  base::WallTime wall() const override { return {}; }
};

config::Settings settings(int credentials) {
  config::Settings settings;
  for (int i = 0; i < credentials; ++i) {
    token::CredentialOptions credential;
    credential.name = "c" + std::to_string(i);
    credential.token_url = {true, "login.example.com", 443, "/token"};
    relay::RouteOptions route;
    route.path = "/" + std::to_string(i);
    route.upstream = {true, "api.example.com", 443, "/v2"};
    route.credential = credential.name;
    settings.credentials.push_back(credential);
    settings.routes.push_back(route);
  }
  return settings;
}

token::Fetched good_token() {
  const base::Instant sent = StillClock().now();
  return {base::Secret("t0ken"), sent, sent + std::chrono::hours(1), "read"};
}

struct Outcome {
  int status;
  std::string text;
};

Outcome run(int credentials, const base::Result<token::Fetched>& first_token,
            const base::Result<UpstreamAnswer>& answer) {
  const StillClock clock;
  std::string out;
  const CheckParts parts{
      [&](const token::CredentialOptions& options) -> base::Result<token::Fetched> {
        if (options.name == "c0") return first_token;
        return good_token();
      },
      [&](const relay::RouteOptions&, const token::Fetched& token) {
        CHECK(token.value == base::Secret("t0ken"));
        return answer;
      },
      clock};
  const int status =
      check(settings(credentials), parts, [&out](const std::string& line) { out += line; });
  CHECK(out.find("t0ken") == std::string::npos);
  return {status, out};
}

}  // namespace

TEST_CASE("check says each step that went well, with its time") {
  const Outcome outcome = run(1, good_token(), UpstreamAnswer{404});
  CHECK(outcome.status == kFine);
  CHECK(outcome.text ==
        "ok    configuration: 1 credential, 1 route [0 ms]\n"
        "ok    token of c0 from https://login.example.com: valid for 1 h, scope read [0 ms]\n"
        "ok    upstream of /0 at https://api.example.com/v2: reached, it answered 404 [0 ms]\n");
}

TEST_CASE("an upstream is reached if it refuses the path or the pace, but not if it fails") {
  for (const int status : {204, 302, 400, 404, 405, 429, 498, 600}) {
    CAPTURE(status);
    CHECK(run(1, good_token(), UpstreamAnswer{status}).status == kFine);
  }
  for (const int status : {500, 501, 502, 503, 504, 521}) {
    CAPTURE(status);
    CHECK(run(1, good_token(), UpstreamAnswer{status}).status == kUpstreamNotReached);
  }
}

TEST_CASE("check says what an answer lacks, and goes on") {
  token::Fetched fetched = good_token();
  fetched.remark = "the answer holds no ttl: check expiry_member";
  const Outcome outcome = run(1, fetched, UpstreamAnswer{200});
  CHECK(outcome.status == kFine);
  CHECK(outcome.text.find("warn  token of c0 from https://login.example.com: the answer holds no "
                          "ttl: check expiry_member\n") != std::string::npos);
}

TEST_CASE("check tells a refused proof from a refused token") {
  http::BearerChallenge challenge;
  challenge.error = "invalid_dpop_proof";
  challenge.description = "iat";
  const Outcome outcome = run(1, good_token(), UpstreamAnswer{401, challenge});
  CHECK(outcome.status == kUpstreamNotReached);
  CHECK(outcome.text.find("401: it refuses the DPoP proof (invalid_dpop_proof: iat): check this "
                          "machine's clock") != std::string::npos);
}

TEST_CASE("a token that an upstream quotes is not shown, not even its beginning") {
  for (std::size_t left = 0; left < 8; ++left) {
    http::BearerChallenge said;
    said.error = "invalid_token";
    said.description = std::string(http::kChallengeTextBytesMax - left, '.') + "t0ken is no token";
    const Outcome outcome = run(1, good_token(), UpstreamAnswer{401, said});
    CAPTURE(outcome.text);
    CHECK(outcome.text.find("t0") == std::string::npos);
    CHECK(outcome.text.find("no token") == std::string::npos);
  }
  const base::Error echo{Errc::response_malformed, "it begins with 't0ken'"};
  CHECK(run(1, good_token(), echo).text.find("it begins with '***'") != std::string::npos);
}

TEST_CASE("check says where https has to be written, and has not reached such an upstream") {
  UpstreamAnswer answer{400};
  answer.wants_tls = true;
  const Outcome outcome = run(1, good_token(), answer);
  CHECK(outcome.status == kUpstreamNotReached);
  CHECK(outcome.text.find("400: this port speaks TLS, and was asked in plain http: write https:// "
                          "in upstream [") != std::string::npos);
}

TEST_CASE("check reaches for the upstream that the token's answer names, if it may be taken") {
  config::Settings wanted = settings(1);
  wanted.upstreams_from_tokens = {{"c0", "instance_url", {"example.com"}, {0}}};
  token::Fetched token = good_token();
  const StillClock clock;
  const auto checked = [&](const std::string& said) {
    token.attributes = {{"instance_url", said}};
    std::string out;
    const CheckParts parts{
        [&](const token::CredentialOptions&) { return token; },
        [&](const relay::RouteOptions&, const token::Fetched&) { return UpstreamAnswer{200}; },
        clock};
    CHECK(check(wanted, parts, [&out](const std::string& line) { out += line; }) == kFine);
    return out;
  };
  CHECK(checked("https://na1.example.com").find("at https://na1.example.com: reached") !=
        std::string::npos);
  const std::string refused = checked("https://evil.example");
  CHECK(refused.find("skip  upstream that its answer names: instance_url: it lies in none of the "
                     "provider's: example.com\n") != std::string::npos);
  CHECK(refused.find("at https://api.example.com/v2: reached") != std::string::npos);
}

TEST_CASE("check goes on after a failure, and ends with the first one's status") {
  const Outcome outcome =
      run(2, base::Error{Errc::token_rejected, "invalid_client: check client_id"},
          base::Error{Errc::connect_refused, "127.0.0.1:1"});
  CHECK(outcome.status == kNoToken);
  CHECK(outcome.text ==
        "ok    configuration: 2 credentials, 2 routes [0 ms]\n"
        "FAIL  token of c0 from https://login.example.com: invalid_client: check client_id [0 ms]\n"
        "ok    token of c1 from https://login.example.com: valid for 1 h, scope read [0 ms]\n"
        "skip  upstream of /0 at https://api.example.com/v2: there is no token for it\n"
        "FAIL  upstream of /1 at https://api.example.com/v2: the upstream api.example.com refused "
        "the "
        "connection (127.0.0.1:1): check upstream and that it is up [0 ms]\n");
}

TEST_CASE("check names the cause and the mend of each failure at the upstream") {
  struct Case {
    base::Result<UpstreamAnswer> answer;
    std::string_view says;
  };
  const Case cases[] = {
      {base::Error{Errc::resolve_failed, ""},
       "the upstream's name api.example.com was not resolved: check upstream"},
      {base::Error{Errc::connect_timeout, ""},
       "no connection to the upstream api.example.com within 10000 ms: check"},
      {base::Error{Errc::connect_unreachable, "x"},
       "the upstream api.example.com cannot be reached (x): check upstream"},
      {base::Error{Errc::tls_certificate_untrusted, ""}, "not trusted: set ca_file"},
      {base::Error{Errc::tls_handshake_failed, ""}, "check upstream: does this port speak TLS?"},
      {base::Error{Errc::file_unreadable, ""}, "check ca_file"},
      {base::Error{Errc::response_timeout, ""},
       "no answer within 1 m: check upstream and response_timeout"},
      {base::Error{Errc::response_malformed, ""}, "not proper HTTP: check upstream: its scheme"},
      {base::Error{Errc::connection_lost, ""},
       "it closed the connection without an answer: check upstream"},
      {UpstreamAnswer{401},
       "401: it refuses the token: check that token_url, audience, resource and scope"},
      {UpstreamAnswer{500},
       "500: it answers with a failure of its own: check the path in upstream, and whether the API "
       "is up"},
      {UpstreamAnswer{530}, "530: it answers with a failure of its own"},
      {UpstreamAnswer{599}, "599: it answers with a failure of its own"},
      {UpstreamAnswer{403, http::BearerChallenge{"insufficient_scope", "", "crm:write"}},
       "403: the token does not allow this (insufficient_scope; it asks for scope crm:write)"},
      {UpstreamAnswer{403, http::BearerChallenge{"insufficient_scope", "needs write", ""}},
       "403: the token does not allow this (insufficient_scope: needs write): check scope"},
  };
  for (const Case& c : cases) {
    CAPTURE(c.says);
    const Outcome outcome = run(1, good_token(), c.answer);
    CAPTURE(outcome.text);
    CHECK(outcome.status == kUpstreamNotReached);
    CHECK(outcome.text.find(c.says) != std::string::npos);
  }
}
