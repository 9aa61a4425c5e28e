#include "relay/replies/local_reply.h"

#include <array>
#include <utility>

#include "http/grpc/call.h"
#include "wire/reply.h"

namespace bearer::relay {
namespace {

using base::Errc;

struct Row {
  Errc fault;
  int status;
  std::string_view error;
  bool unsound = false;
};

constexpr std::array kRows = {
    Row{Errc::resolve_failed, 502, "dns_error"},
    Row{Errc::connect_refused, 502, "connection_refused"},
    Row{Errc::connect_unreachable, 502, "destination_ip_unroutable"},
    Row{Errc::connect_timeout, 504, "connection_timeout"},
    Row{Errc::descriptors_used_up, 503, "connection_limit_reached"},
    Row{Errc::tls_handshake_failed, 502, "tls_protocol_error"},
    Row{Errc::tls_certificate_untrusted, 502, "tls_certificate_error"},
    Row{Errc::connection_lost, 502, "connection_terminated"},
    Row{Errc::stream_refused, 502, "connection_terminated"},
    Row{Errc::response_timeout, 504, "http_response_timeout"},
    Row{Errc::response_malformed, 502, "http_protocol_error"},
    Row{Errc::response_incomplete, 502, "http_response_incomplete"},
    Row{Errc::request_malformed, 400, "http_request_error", true},
    Row{Errc::request_timeout, 408, "http_request_error", true},
    Row{Errc::queue_too_long, 503, "connection_limit_reached"},
    Row{Errc::upstream_paused, 429, "destination_unavailable"},
    Row{Errc::draining, 503, "connection_limit_reached"},
    Row{Errc::turn_too_late, 429, "destination_unavailable"},
    Row{Errc::token_rejected, 502, "credential_rejected"},
    Row{Errc::token_unreachable, 503, "credential_unavailable"},
};
// A fault that has no row is our own: the proxy could not do its work.
constexpr Row kInternal{Errc::spill_failed, 500, "proxy_internal_error"};

Row row_for(Errc fault) {
  for (const Row& row : kRows) {
    if (row.fault == fault) return row;
  }
  return kInternal;
}

/// An sf-string (RFC 8941 section 3.3.3) holds printable ASCII.
std::string structured_string(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    out += c >= ' ' && c <= '~' ? c : '?';
  }
  return out += '"';
}

std::string proxy_status(const LocalReply& reply) {
  std::string line = "Proxy-Status: bearer-proxy";
  if (reply.json.empty()) line.append("; error=").append(reply.error);
  return line + "; details=" + structured_string(reply.detail) + "\r\n";
}

std::string problem(const LocalReply& reply) {
  const std::string attempts =
      reply.attempts > 0 ? ",\"attempts\":" + std::to_string(reply.attempts) : "";
  return wire::problem_details("urn:bearer-proxy:" + std::string(reply.error), reply.status,
                               reply.detail, attempts);
}

/// A response without messages (trailers-only, in the words of gRPC over HTTP/2).
std::string grpc_failure(const LocalReply& reply) {
  std::string out = wire::status_line(200);
  out += "Content-Type: application/grpc\r\nContent-Length: 0\r\n";
  http::append_grpc_status(out, http::grpc_status_of(reply.status), reply.detail);
  out += proxy_status(reply);
  if (reply.retry_after) {
    const auto wait = std::chrono::ceil<std::chrono::milliseconds>(*reply.retry_after).count();
    out += "grpc-retry-pushback-ms: " + std::to_string(wait) + "\r\n";
  }
  return out;
}

std::string finished(std::string out, const LocalReply& reply, bool close, std::string_view body) {
  if (reply.attempts > 1) {
    out += "Bearer-Proxy-Attempts: " + std::to_string(reply.attempts) + "\r\n";
  }
  out += reply.lines;
  wire::end_head(out, close, body);
  return out;
}

}  // namespace

LocalReply reply_for(Errc fault, std::string_view detail) {
  const Row row = row_for(fault);
  return {.status = row.status,
          .error = row.error,
          .detail = std::string(detail),
          .unsound = row.unsound};
}

LocalReply malformed_request(http::HeadFault fault, std::string_view head) {
  return {.status = http::reply_status(fault),
          .error = "http_request_error",
          .detail = http::sentence(fault, head),
          .unsound = true};
}

LocalReply no_content(std::string lines) {
  LocalReply reply;
  reply.status = 204;
  reply.lines = std::move(lines);
  return reply;
}

std::string serialize(const LocalReply& reply, wire::ReplyForm form) {
  const bool problematic = reply.json.empty();
  if (reply.grpc && problematic && reply.status >= 400)
    return finished(grpc_failure(reply), reply, form.close, {});
  const std::string body = reply.status == 204 ? "" : problematic ? problem(reply) : reply.json;
  std::string out = wire::status_line(reply.status);
  if (!body.empty()) {
    out.append("Content-Type: application/").append(problematic ? "problem+json" : "json");
    out += "\r\nContent-Length: " + std::to_string(body.size()) + "\r\n" + proxy_status(reply);
  }
  if (reply.status == 405) out += "Allow: GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS\r\n";
  if (reply.retry_after) {
    const auto seconds = std::chrono::ceil<std::chrono::seconds>(*reply.retry_after).count();
    out += "Retry-After: " + std::to_string(seconds) + "\r\n";
  }
  return finished(std::move(out), reply, form.close, form.with_body ? body : "");
}

}  // namespace bearer::relay
