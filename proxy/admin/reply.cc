#include "admin/reply.h"

namespace bearer::admin {
namespace {

// No reply may be stored, sniffed, framed, or read by a page of another origin.
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
  return {.status = status,
          .type = "application/problem+json",
          .body = wire::problem_details("about:blank", status, detail)};
}

std::string serialize(const Reply& reply, wire::ReplyForm form) {
  std::string out = wire::status_line(reply.status);
  out.append("Content-Type: ").append(reply.type);
  out += "\r\nContent-Length: " + std::to_string(reply.body.size());
  out.append("\r\nContent-Security-Policy: ").append(reply.policy).append("\r\n");
  out.append(kGuards).append(reply.lines);
  wire::end_head(out, form.close, form.with_body ? reply.body : "");
  return out;
}

}  // namespace bearer::admin
