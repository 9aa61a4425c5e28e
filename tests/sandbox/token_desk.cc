#include "tests/sandbox/token_desk.h"

#include <nlohmann/json.hpp>

#include "tests/sandbox/encoding.h"

namespace bearer::sandbox {

namespace {

using Json = nlohmann::ordered_json;

/// RFC 6749 section 5.2.
Answer refuse(int status, std::string_view error, std::string_view description) {
  Answer answer{.status = status,
                .body = Json{{"error", error}, {"error_description", description}}.dump()};
  if (status == 401) answer.fields = {{"WWW-Authenticate", "Basic realm=\"bearer-sandbox\""}};
  return answer;
}

Answer refuse_client(ClientVerdict verdict) {
  switch (verdict) {
    case ClientVerdict::missing:
      return refuse(401, "invalid_client", "the request carries no client credentials");
    case ClientVerdict::malformed:
      return refuse(401, "invalid_client", "the Authorization field cannot be read");
    case ClientVerdict::ambiguous:
      return refuse(400, "invalid_request", "client credentials in two places at once");
    default: return refuse(401, "invalid_client", "the client is unknown or its secret is wrong");
  }
}

}  // namespace

TokenDesk::TokenDesk(const ClientOptions& client, const GrantOptions& grants, TokenMint& mint,
                     TokenScript& script, DpopCheck& dpop)
    : client_(client), grants_(grants), mint_(mint), script_(script), dpop_(dpop) {}

Answer TokenDesk::answer(const Request& request) {
  ++requests_;
  const auto scripted = script_.next();
  if (scripted && scripted->answer) {
    Answer answer = *scripted->answer;
    answer.delay = scripted->delay;
    return answer;
  }
  Answer answer = grant(request);
  if (scripted) answer.delay = scripted->delay;
  return answer;
}

Answer TokenDesk::grant(const Request& request) {
  const std::vector<Pair> form = parse_form(request.body);
  const auto now = std::chrono::system_clock::now();
  const ClientVerdict verdict = client_.judge(request, form, now);
  if (verdict != ClientVerdict::accepted) return refuse_client(verdict);
  DpopVerdict proof;
  std::vector<Pair> fields = {{"Cache-Control", "no-store"}};
  if (dpop_.required()) {
    proof = dpop_.judge(request, "", now);
    const std::string nonce = dpop_.nonce(now);
    if (!nonce.empty()) fields.emplace_back("DPoP-Nonce", nonce);
    if (!proof.error.empty()) {
      Answer answer = refuse(400, proof.error, proof.description);
      answer.fields = fields;
      return answer;
    }
  }
  const GrantVerdict granted = grants_.judge(request, form, now);
  if (!granted.error.empty()) return refuse(400, granted.error, granted.description);

  const std::int64_t lifetime_s = mint_.lifetime().count() / 1000;
  Json body = {{"access_token", mint_.issue(client_.options().id, now, proof.thumbprint)},
               {"token_type", dpop_.required() ? "DPoP" : "bearer"},
               {"expires_in", lifetime_s}};
  if (!granted.refresh_token.empty()) body["refresh_token"] = granted.refresh_token;
  if (const std::string_view scope = find(form, "scope"); !scope.empty()) body["scope"] = scope;
  return Answer{.body = body.dump(), .fields = fields};
}

}  // namespace bearer::sandbox
