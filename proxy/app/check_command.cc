#include "app/check_command.h"

#include <algorithm>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "app/exit_status.h"
#include "app/upstream_from_token.h"
#include "base/advice.h"
#include "base/text.h"
#include "net/dial_failure.h"
#include "wire/tls_wanted.h"

namespace bearer::app {
namespace {

using base::advice_on;
using base::Errc;
using base::Trouble;

constexpr int kServerErrors = 5;  // the class of these statuses

struct Verdict {
  bool fine;
  std::string sentence;
};

/// The cause and the fix if an upstream gave no answer.
std::string unreached(const relay::RouteOptions& route, const base::Error& error) {
  const std::string detail = error.detail.empty() ? "" : " (" + error.detail + ")";
  const std::string setting(route.upstream_setting);
  switch (error.code) {
    case Errc::response_timeout:
      return "no answer within " + base::format_duration(route.response_timeout) + ": check " +
             setting + " and response_timeout";
    case Errc::response_malformed:
      return "its answer is not proper HTTP" + detail + ": " +
             (error.fix.empty() ? advice_on(Trouble::not_http, setting) : error.fix);
    case Errc::connection_lost: {
      // In TLS 1.3 a server says only after the handshake that it wants a certificate.
      const std::string fix = net::alert_fix(relay::dialed_server(route), error.detail);
      const Trouble trouble = route.upstream.tls ? Trouble::unreachable : Trouble::tls_there;
      return "it closed the connection without an answer" + detail + ": " +
             (fix.empty() ? advice_on(trouble, setting) : fix);
    }
    default: return net::dial_failure(relay::dialed_server(route), error).sentence();
  }
}

std::string quoted(const std::optional<http::BearerChallenge>& challenge) {
  if (!challenge || challenge->error.empty()) return "";
  return " (" + challenge->error +
         (challenge->description.empty() ? "" : ": " + challenge->description) +
         (challenge->scope.empty() ? "" : "; it asks for scope " + challenge->scope) + ")";
}

Verdict judge(const relay::RouteOptions& route, const base::Result<UpstreamAnswer>& answer) {
  if (!answer) return {false, unreached(route, answer.error())};
  const std::string status = std::to_string(answer->status);
  if (answer->challenge && answer->challenge->error == "invalid_dpop_proof") {
    return {false, status + ": it refuses the DPoP proof" + quoted(answer->challenge) +
                       ": check this machine's clock, and that the API takes the key's kind"};
  }
  if (answer->wants_tls) {
    return {false, status + ": " + std::string(wire::kTlsWanted) + ": " +
                       advice_on(Trouble::tls_wanted, route.upstream_setting)};
  }
  if (answer->status == 401) {
    return {false, "401: it refuses the token" + quoted(answer->challenge) +
                       ": check that token_url, audience, resource and scope are this API's"};
  }
  if (answer->status == 403) {
    return {false, "403: the token does not allow this" + quoted(answer->challenge) +
                       ": check scope and audience, and the client's rights at the provider"};
  }
  if (answer->status / 100 == kServerErrors) {
    return {false, status + ": it answers with a failure of its own: check the path in " +
                       std::string(route.upstream_setting) + ", and whether the API is up"};
  }
  return {true, "reached, it answered " + status + (answer->http2 ? " over HTTP/2" : "") +
                    (answer->with_nonce ? " to a DPoP proof with its nonce" : "")};
}

/// Prints the steps, and keeps the exit status of the first one that failed.
class Report {
 public:
  Report(const PrintLine& print, const base::Clock& clock) : print_(print), clock_(clock) {
    begin();
  }

  void begin() { started_ = clock_.now(); }

  void end(const std::string& step, const Verdict& verdict, int status_of_failure) {
    print_((verdict.fine ? "ok    " : "FAIL  ") + step + ": " + verdict.sentence + " [" +
           base::format_duration(clock_.now() - started_) + "]\n");
    if (!verdict.fine && status_ == kFine) status_ = status_of_failure;
  }

  void warn(const std::string& step, const std::string& of) {
    print_("warn  " + step + ": " + of + "\n");
  }

  void skip(const std::string& step, const std::string& why) {
    print_("skip  " + step + ": " + why + "\n");
  }

  int status() const { return status_; }

 private:
  const PrintLine& print_;
  const base::Clock& clock_;
  base::Instant started_;
  int status_ = kFine;
};

using Tokens = std::map<std::string_view, token::Fetched>;

/// Fetches a token of each credential. Moves routes to the upstreams that the answers name.
Tokens fetch_all(const config::Settings& settings, const CheckParts& parts,
                 base::SharedList<relay::RouteOptions>& routes, Report& report) {
  Tokens tokens;
  for (const token::CredentialOptions& credential : settings.credentials) {
    report.begin();
    const base::Result<token::Fetched> fetched = parts.fetch(credential);
    const std::string step = "token of " + credential.name + " from " + credential.source_text();
    if (!fetched) {
      report.end(step, {false, fetched.error().sentence()}, kNoToken);
      continue;
    }
    tokens[credential.name] = *fetched;
    const std::string scope = fetched->scope.empty() ? "" : ", scope " + fetched->scope;
    std::string sentence = "valid for " + base::format_duration(fetched->lifetime()) + scope;
    if (fetched->binding) sentence += ", bound by DPoP to the " + fetched->binding->text();
    report.end(step, {true, sentence}, kNoToken);
    if (!fetched->remark.empty()) report.warn(step, fetched->remark);
    for (const config::UpstreamFromToken& rule : settings.upstreams_from_tokens) {
      if (rule.credential != credential.name) continue;
      const base::Result<void> moved = move_routes(routes, rule, fetched->attributes);
      if (!moved) report.skip("upstream that its answer names", moved.error().detail);
    }
  }
  return tokens;
}

/// `token` is null if there is none.
void reach(const relay::RouteOptions& route, const token::Fetched* token, const CheckParts& parts,
           Report& report) {
  report.begin();
  const std::string step =
      "upstream of " + route.host + route.path + " at " + route.upstream.text();
  if (token == nullptr) return report.skip(step, "there is no token for it");
  base::Result<UpstreamAnswer> answer = parts.check_upstream(route, *token);
  if (!answer) {
    base::Error failure = answer.error();
    token->value.redact(failure.detail);
    answer = std::move(failure);
  } else if (answer->challenge) {
    http::BearerChallenge& said = *answer->challenge;
    for (std::string* text : {&said.error, &said.description, &said.scope}) {
      token->value.redact(*text);
      text->resize(std::min(text->size(), http::kChallengeTextBytesMax));
    }
  }
  report.end(step, judge(route, answer), kUpstreamNotReached);
}

}  // namespace

int check(const config::Settings& settings, const CheckParts& parts, const PrintLine& print) {
  Report report(print, parts.clock);
  report.end("configuration",
             {true, base::counted(settings.credentials.size(), "credential", "credentials") + ", " +
                        base::counted(settings.routes.size(), "route", "routes")},
             kUsageError);
  base::SharedList<relay::RouteOptions> routes = settings.routes;
  const Tokens tokens = fetch_all(settings, parts, routes, report);
  for (const relay::RouteOptions& route : routes) {
    const auto token = tokens.find(route.credential);
    reach(route, token == tokens.end() ? nullptr : &token->second, parts, report);
  }
  return report.status();
}

}  // namespace bearer::app
