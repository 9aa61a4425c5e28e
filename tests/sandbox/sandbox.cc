#include "tests/sandbox/sandbox.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <stdexcept>

#include "tests/sandbox/practice.h"

namespace bearer::sandbox {

namespace {

using Json = nlohmann::ordered_json;

Answer refuse_token(Verdict verdict, const std::string& scheme) {
  // RFC 6750 section 3.1: a request without credentials is told the scheme and nothing more.
  const bool has_token = verdict != Verdict::none;
  Answer answer{.status = 401};
  answer.body = Json{
      {"code", has_token ? "bad.credentials" : "authentication.required"},
      {"message", has_token ? "Invalid login credentials." : "No token."},
      {"status",
       401}}.dump();
  answer.fields = {{"WWW-Authenticate", has_token
                                            ? scheme + " realm=\"sandbox\", error=\"invalid_token\""
                                            : scheme + " realm=\"sandbox\""}};
  return answer;
}

Answer refuse_proof(const DpopVerdict& proof) {
  Answer answer{.status = 401};
  answer.body = Json{{"code", proof.error}, {"message", proof.description}, {"status", 401}}.dump();
  answer.fields = {
      {"WWW-Authenticate", "DPoP error=\"" + proof.error + "\", algs=\"ES256 EdDSA\""}};
  return answer;
}

std::string outcome(const Answer& answer) {
  return answer.reset ? "reset" : std::to_string(answer.status);
}

}  // namespace

Sandbox::Sandbox(const SandboxOptions& options)
    : options_(options),
      mint_(options.mint, std::chrono::system_clock::now()),
      dpop_(options.dpop),
      desk_(options.client, options.grants, mint_, script_, dpop_),
      faults_(options.faults),
      quota_(options.quota),
      outage_(options.outage),
      files_(options.cuts),
      routes_(make_routes()) {
  script_.append_names(options.token_answers);
}

std::vector<Sandbox::Route> Sandbox::make_routes() {
  const auto users = [this](const Request& request) { return list_users(options_.users, request); };
  const auto conversations = [this](const Request& request) {
    return query_conversations(options_.analytics, request);
  };
  const auto files = [this](const Request& request) { return files_.answer(request); };
  return {
      {"POST", "/oauth/token", false, [this](const Request& r) { return desk_.answer(r); }},
      {"GET", "/api/v2/users", true, users},
      {"POST", "/api/v2/analytics/conversations/details/query", true, conversations},
      {"POST", "/api/v2/orders", true, [this](const Request& r) { return orders_.carry_out(r); }},
      {"GET", "/api/v2/orders/", true, [this](const Request& r) { return orders_.look_up(r); }},
      {"GET", "/api/v2/files/", true, files},
      {"", "/api/v2/whoami", true, whoami},
      {"", "/echo", false, echo},
      {"GET", "/bytes/", false, files},
      {"GET", "/chunked/", false, chunked},
      {"", "/status/", false, status},
      {"", "/delay/", false, delay},
      {"GET", "/sandbox/stats", false, [this](const Request&) { return show_stats(); }},
      {"POST", "/sandbox/revoke", false, [this](const Request&) { return revoke(); }},
      {"POST", "/sandbox/next-token-answers", false,
       [this](const Request& r) { return append_token_answers(r); }},
  };
}

const Sandbox::Route* Sandbox::find_route(const Request& request) const {
  const auto serves = [&request](const Route& route) {
    const std::string& method = request.method == "HEAD" ? "GET" : request.method;
    if (!route.method.empty() && route.method != method) return false;
    return route.path.ends_with('/') ? request.path.starts_with(route.path)
                                     : request.path == route.path;
  };
  const auto route = std::find_if(routes_.begin(), routes_.end(), serves);
  return route == routes_.end() ? nullptr : &*route;
}

Answer Sandbox::answer(const Request& request) {
  const Route* route = find_route(request);
  if (!route) {
    stats_.answered("no such route", "404");
    return {.status = 404, .body = R"({"code":"not.found","status":404})"};
  }
  Answer answer = route->is_api ? answer_api(*route, request) : route->handler(request);
  stats_.answered(request.method + " " + route->path, outcome(answer));
  return answer;
}

Answer Sandbox::answer_api(const Route& route, const Request& request) {
  if (auto down = outage_.meet(std::chrono::system_clock::now())) return *down;
  if (dpop_.required()) return answer_proven(route, request);
  const Verdict verdict = mint_.judge(request.authorization, std::chrono::system_clock::now());
  if (verdict == Verdict::valid) return answer_with_latency(route, request);
  stats_.refused(verdict);
  return refuse_token(verdict, "Bearer");
}

Answer Sandbox::answer_proven(const Route& route, const Request& request) {
  const WallTime now = std::chrono::system_clock::now();
  const Verdict verdict = mint_.judge(request.authorization, now, "dpop");
  Answer answer;
  if (verdict != Verdict::valid) {
    stats_.refused(verdict);
    answer = refuse_token(verdict, "DPoP");
  } else {
    const std::string_view token = *credentials(request.authorization, "dpop");
    DpopVerdict proof = dpop_.judge(request, token, now);
    if (proof.error.empty() && proof.thumbprint != mint_.key_of(token))
      proof.error = "invalid_token";
    answer = proof.error.empty() ? answer_with_latency(route, request) : refuse_proof(proof);
  }
  if (const std::string nonce = dpop_.nonce(now); !nonce.empty()) {
    answer.fields.emplace_back("DPoP-Nonce", nonce);
  }
  return answer;
}

Answer Sandbox::answer_with_latency(const Route& route, const Request& request) {
  Answer answer = answer_with_quota(route, request);
  answer.delay += options_.latency;
  return answer;
}

Answer Sandbox::answer_with_quota(const Route& route, const Request& request) {
  const Quota::Verdict quota = quota_.take(request.authorization, std::chrono::system_clock::now());
  Answer answer = quota.admitted ? answer_or_fault(route, request) : over_quota();
  // A 429 by chance tells of a quota too. Two that differ would be no API's.
  std::erase_if(answer.fields, [&quota](const Pair& field) {
    return field.first != "Retry-After" && !find(quota.fields, field.first).empty();
  });
  answer.fields.insert(answer.fields.end(), quota.fields.begin(), quota.fields.end());
  return answer;
}

Answer Sandbox::answer_or_fault(const Route& route, const Request& request) {
  const Draw draw = faults_.draw(request.method + " " + request.target + " " + request.body_sha256);
  if (draw.fault != Fault::none) stats_.fault(draw.fault);
  if (draw.fault == Fault::after) route.handler(request);
  const bool has_answer = draw.fault == Fault::none || draw.fault == Fault::delayed;
  Answer answer = has_answer ? route.handler(request) : fault_answer(draw);
  if (draw.fault == Fault::delayed) answer.delay = options_.faults.delay;
  return answer;
}

Answer Sandbox::revoke() {
  mint_.revoke();
  return {.status = 204};
}

Answer Sandbox::append_token_answers(const Request& request) {
  try {
    script_.append(request.body);
  } catch (const std::invalid_argument& error) {
    return {.status = 400, .body = Json{{"message", error.what()}, {"status", 400}}.dump()};
  }
  return {.status = 204};
}

Answer Sandbox::show_stats() const {
  Json stats = stats_.to_json();
  stats["tokens"] = {{"issued", mint_.issued()},
                     {"requests", desk_.requests()},
                     {"revocations", mint_.revocations()}};
  stats["dpop"] = dpop_.to_json();
  stats["quota"] = quota_.to_json();
  stats["outage"] = outage_.to_json(std::chrono::system_clock::now());
  stats["files"] = files_.to_json();
  stats["orders"] = orders_.to_json();
  return {.body = stats.dump(2) + "\n"};
}

}  // namespace bearer::sandbox
