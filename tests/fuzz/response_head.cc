// Response heads: found, parsed, and written for the client.
#include <algorithm>
#include <array>
#include <string>
#include <string_view>

#include "http/framing.h"
#include "http/head_parser.h"
#include "http/hop_by_hop.h"
#include "relay/head/relinking.h"
#include "relay/response_head.h"
#include "tests/fuzz/heads.h"
#include "tests/fuzz/target.h"

namespace bearer::fuzz {
namespace {

using http::FieldName;
using http::Framing;
using http::HeadFault;
using http::ResponseHead;
using Kind = http::Framing::Kind;

constexpr std::size_t kOwnFieldsMax = 4;  // that the proxy adds

std::string written(const ResponseHead& head) {
  std::string text = head.minor_version == 1 ? "HTTP/1.1 " : "HTTP/1.0 ";
  text.append(std::to_string(head.status)).append(" ").append(head.reason).append("\r\n");
  return text + field_lines(head.fields) + "\r\n";
}

void check_rewritten_alike(const ResponseHead& head) {
  const std::string text = written(head);
  ResponseHead again;
  check(http::parse_response_head(text, again) == HeadFault::none,
        "what was parsed can be written");
  check(written(again) == text, "a head that is written and parsed stays the same");
}

relay::Route& route() {
  static relay::Route route([] {
    relay::RouteOptions options;
    options.path = "/crm/";
    options.strip_prefix = true;
    options.upstream = http::parse_url("http://crm.example.com:8080/base").value();
    options.rewrite_body_links = relay::BodyLinks::all;
    return options;
  }());
  return route;
}

relay::Request request_of(http::Method method, bool http_1_1) {
  relay::Request request;
  request.route = &route();
  request.method = method;
  request.head = method == http::Method::head ? "HEAD / HTTP/1.1\r\n" : "GET / HTTP/1.1\r\n";
  request.http_1_1 = http_1_1;
  request.keep_alive = true;
  request.authority = "localhost:8080";
  return request;
}

/// The client finds the body's end where the upstream's body ended.
void check_framing(const ResponseHead& sent, const relay::Request& request, const Framing& framing,
                   Kind delivered) {
  Framing read;
  check(http::response_framing(sent, request.method, read) == HeadFault::none,
        "the framing of what is relayed is unambiguous");
  check(read.kind == delivered, "what is relayed is framed as we send it");
  if (read.kind == Kind::length) check(read.length == framing.length, "a length is the upstream's");
  const bool unchanged = sent.status == 304;  // it may tell the length that a GET would get
  check(unchanged || !read.odd, "what is relayed is to the letter");
  check(request.http_1_1 || read.kind != Kind::chunked, "no chunks for HTTP/1.0");
}

void check_relayed(const ResponseHead& head, const relay::Request& request) {
  Framing framing;
  if (http::response_framing(head, request.method, framing) != HeadFault::none) return;
  if (head.status < 200) return;
  const bool relinked = relay::relinked(request.route->options, head);
  const Kind delivered = relay::delivery_framing(request, framing, relinked);
  std::string text;
  const bool close = delivered == Kind::until_close;
  if (!relay::append_response_head(text, head, request, {delivered, close, relinked, 2})) return;
  check_plain_lines(text);
  ResponseHead sent;
  const HeadFault fault = http::parse_response_head(text, sent);
  // A head at our own limit grows past it by what we add.
  if (head.fields.size() + kOwnFieldsMax > http::kFieldsMax &&
      fault == HeadFault::fields_too_many) {
    return;
  }
  check(fault == HeadFault::none, "what is relayed is strict");
  check(sent.status == head.status && sent.reason == head.reason, "the status line stays");
  check_framing(sent, request, framing, delivered);
  check(!sent.fields.has(FieldName::keep_alive) && !sent.fields.has(FieldName::upgrade) &&
            !sent.fields.has(FieldName::proxy_authenticate),
        "no hop-by-hop field passes");
  check(http::keep_alive(1, sent.fields) == !close, "Connection is ours");
}

void run(std::string_view bytes) {
  const Found found = find_head(bytes, http::HeadScanner::Kind::response);
  if (found.status != http::HeadScanner::Status::complete) return;
  std::string unfolded;
  std::string_view text = found.head;
  if (found.odd) text = unfolded = http::unfold_head(text);
  check(!found.odd || http::unfold_head(unfolded) == unfolded, "what was unfolded stays as it is");
  ResponseHead head;
  if (http::parse_response_head(text, head) != HeadFault::none) return;
  check_plain_lines(text);
  check_rewritten_alike(head);
  for (const http::Method method : {http::Method::get, http::Method::head}) {
    for (const bool http_1_1 : {true, false}) check_relayed(head, request_of(method, http_1_1));
  }
}

const Registration registration("response_head", run);

}  // namespace
}  // namespace bearer::fuzz
