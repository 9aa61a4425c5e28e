#include "admin/answer.h"

#include "base/json.h"
#include "http/message.h"

namespace bearer::admin {
namespace {

// Nothing here is to be stored, guessed at, framed, or read by a page of another origin.
constexpr std::string_view kGuards =
    "Cache-Control: no-store\r\n"
    "X-Content-Type-Options: nosniff\r\n"
    "X-Frame-Options: DENY\r\n"
    "Referrer-Policy: no-referrer\r\n"
    "Cross-Origin-Resource-Policy: same-origin\r\n"
    "Cross-Origin-Opener-Policy: same-origin\r\n";

}  // namespace

Reply sentence(int status, std::string_view text) {
  return {.status = status, .type = "text/plain; charset=utf-8", .body = std::string(text) + "\n"};
}

Reply problem(int status, std::string_view detail) {
  std::string body = "{\"type\":\"about:blank\",\"title\":";
  base::append_json_string(body, http::reason_phrase(status));
  body += ",\"status\":" + std::to_string(status) + ",\"detail\":";
  base::append_json_string(body, detail);
  return {.status = status, .type = "application/problem+json", .body = body + "}\n"};
}

std::string serialize(const Reply& answer, bool with_body, bool close) {
  std::string out = "HTTP/1.1 " + std::to_string(answer.status) + " ";
  out.append(http::reason_phrase(answer.status)).append("\r\nContent-Type: ").append(answer.type);
  out += "\r\nContent-Length: " + std::to_string(answer.body.size());
  out.append("\r\nContent-Security-Policy: ").append(answer.policy).append("\r\n");
  out.append(kGuards).append(answer.lines);
  out += close ? "Connection: close\r\n\r\n" : "\r\n";
  if (with_body) out += answer.body;
  return out;
}

}  // namespace bearer::admin
