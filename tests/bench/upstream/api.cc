#include "bench/upstream/api.h"

#include <optional>

#include "bench/peers/head.h"

namespace bearer::bench {
namespace {

constexpr std::string_view kDocument =
    R"({"entities":[{"id":"7c2d0a34-9d3c-4a57-8f2e-5a1c06b6f0a1","name":"A. Person","state":"active",)"
    R"("version":17,"selfUri":"/api/v2/users/7c2d0a34-9d3c-4a57-8f2e-5a1c06b6f0a1"}],"pageCount":25})";

/// What follows `prefix` in `path`, if it begins so.
std::optional<std::uint64_t> number_after(std::string_view path, std::string_view prefix) {
  if (!path.starts_with(prefix)) return std::nullopt;
  return leading_number(path.substr(prefix.size()));
}

bool asks_token(const Request& request) {
  return request.path == "/oauth/token";
}

}  // namespace

Duration Api::delay(const Request& request) const {
  if (asks_token(request)) return options_.token_delay;
  if (request.path.starts_with("/refused/") && !gate_.open(request.arrived)) {
    return options_.refusal_delay;
  }
  return Duration::zero();
}

std::uint64_t Api::answer(const Request& request, Instant now, std::string& out) {
  if (asks_token(request)) {
    reply(out, "200 OK", "Cache-Control: no-store\r\n",
          R"({"access_token":")" + tokens_.issue(request.arrived) +
              R"(","token_type":"Bearer","expires_in":)" + std::to_string(tokens_.life().count()) +
              "}");
    return 0;
  }
  if (request.path == "/stats") {
    reply(out, "200 OK", {}, stats());
    return 0;
  }
  if (request.path == "/v1/traces") {  // of OpenTelemetry: spans cost whoever sends them
    ++batches_;
    batch_bytes_ += request.body_bytes;
    reply(out, "200 OK", {}, "{}");
    return 0;
  }
  ++requests_;
  if (!tokens_.accepts(request.credentials, request.arrived)) {
    ++unauthorized_;
    reply(out, "401 Unauthorized", "WWW-Authenticate: Bearer error=\"invalid_token\"\r\n", "{}");
    return 0;
  }
  if (const auto bytes = number_after(request.path, "/bytes/")) {
    append_head(out, "200 OK", {}, *bytes);
    return *bytes;
  }
  if (request.path == "/sink") {
    reply(out, "200 OK", {}, std::to_string(request.body_bytes));
    return 0;
  }
  if (request.path == "/tunnel") {
    out += "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n";
    return 0;
  }
  auto id = number_after(request.path, "/held/");
  if (!id) id = number_after(request.path, "/refused/");
  if (const auto retry_after = id ? gate_.judge(*id, request.arrived, now) : std::nullopt) {
    reply(out, "429 Too Many Requests",
          "Retry-After: " + std::to_string(retry_after->count()) + "\r\n", "{}");
    return 0;
  }
  reply(out, "200 OK", {}, kDocument);
  return 0;
}

void Api::reply(std::string& out, std::string_view status, std::string_view fields,
                std::string_view body) {
  append_head(out, status, fields, body.size());
  out += body;
}

void Api::append_head(std::string& out, std::string_view status, std::string_view fields,
                      std::uint64_t body_bytes) {
  refresh_date();
  out.append("HTTP/1.1 ").append(status).append("\r\nDate: ").append(date_);
  out +=
      "\r\nContent-Type: application/json; charset=utf-8\r\n"
      "Cache-Control: no-cache, no-store, must-revalidate\r\n"
      "Strict-Transport-Security: max-age=600; includeSubDomains\r\n"
      "X-Correlation-Id: 4f1d8b0a-66a7-4d0e-9a38-1a5d7f3c2b10\r\n"
      "Vary: Accept-Encoding\r\n";
  out.append(fields).append("Content-Length: ").append(std::to_string(body_bytes));
  out += "\r\n\r\n";
}

void Api::refresh_date() {
  const std::time_t now = std::time(nullptr);
  if (now == date_second_) return;
  date_second_ = now;
  std::tm parts{};
  gmtime_r(&now, &parts);
  char text[32];
  date_.assign(text, std::strftime(text, sizeof text, "%a, %d %b %Y %H:%M:%S GMT", &parts));
}

std::string Api::stats() const {
  const auto count = [](std::string_view name, std::uint64_t value) {
    return "\"" + std::string(name) + "\":" + std::to_string(value);
  };
  return "{" + count("requests", requests_) + "," + count("unauthorized", unauthorized_) + "," +
         count("tokens", tokens_.issued()) + "," + count("batches", batches_) + "," +
         count("batch_bytes", batch_bytes_) + "," + count("refused", gate_.refused()) + "," +
         count("passed", gate_.passed()) + "," + count("early", gate_.early()) + "}";
}

}  // namespace bearer::bench
