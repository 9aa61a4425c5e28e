// Request heads: found, parsed, admitted, and written for the upstream.
#include <string>
#include <string_view>

#include "base/text.h"
#include "http/framing.h"
#include "http/head_parser.h"
#include "http/head_scanner.h"
#include "http/path.h"
#include "relay/request.h"
#include "tests/fuzz/heads.h"
#include "tests/fuzz/target.h"
#include "tests/support/route.h"

namespace bearer::fuzz {
namespace {

using http::FieldName;
using http::HeadFault;
using http::RequestHead;

constexpr std::string_view kBasePath = "/base";
constexpr std::string_view kPrefix = "/crm/";
constexpr std::size_t kOwnFieldsMax = 6;  // that the proxy adds

const relay::RouteTable& routes() {
  static const relay::RouteTable table({
      test::route("/", "https://api.example.com"),
      test::route(std::string(kPrefix), "http://crm.example.com:8080" + std::string(kBasePath),
                  true),
  });
  return table;
}

const relay::AdmissionRules& rules() {
  static const relay::AdmissionRules rules{.hosts = {"proxy.example.com"},
                                           .origins = {"https://app.example.com"},
                                           .denied_methods = {"DELETE"},
                                           .denied_paths = {"/admin"}};
  return rules;
}

std::string written(const RequestHead& head) {
  std::string text(head.method_text);
  text.append(" ").append(head.target).append(" HTTP/1.");
  text.append(head.minor_version == 1 ? "1" : "0").append("\r\n");
  return text + field_lines(head.fields) + "\r\n";
}

void check_rewritten_alike(const RequestHead& head) {
  const std::string text = written(head);
  RequestHead again;
  check(http::parse_request_head(text, again) == HeadFault::none, "what was parsed can be written");
  check(written(again) == text, "a head that is written and parsed stays the same");
}

/// The path that the upstream is sent stays below what the route stands for.
void check_path(const relay::Request& request, std::string_view target) {
  const bool below_base = request.route->options.upstream.path == kBasePath;
  if (!below_base || target == kBasePath) return;
  check(http::path_has_prefix(target, kBasePath), "the target begins with the base path");
  check(!http::path_leaves(target, kBasePath), "the target does not leave the base path");
}

void check_forwarded(const RequestHead& head, const relay::Request& request) {
  const std::string text = std::string(request.head.view()) + "Authorization: Bearer t\r\n\r\n";
  check_plain_lines(text);
  RequestHead sent;
  const HeadFault fault = http::parse_request_head(text, sent);
  // A head at our own limit grows past it by what we add.
  if (head.fields.size() + kOwnFieldsMax > http::kFieldsMax &&
      fault == HeadFault::fields_too_many) {
    return;
  }
  check(fault == HeadFault::none, "the upstream's head is strict");
  check(sent.method_text == head.method_text, "the method stays");
  check_path(request, sent.target);
  http::Framing framing;
  check(http::request_framing(sent, framing) == HeadFault::none, "its framing is unambiguous");
  check(framing == request.framing, "its body ends where the client's does");
  check(sent.fields.count(FieldName::host) == 1, "one Host");
  check(sent.fields.value(FieldName::host) == request.route->options.upstream.authority(),
        "the Host is the upstream's");
  check(sent.fields.count(FieldName::authorization) == 1, "one Authorization, ours");
  for (const FieldName name : {FieldName::keep_alive, FieldName::proxy_authorization,
                               FieldName::proxy_connection, FieldName::trailer}) {
    check(!sent.fields.has(name), "no hop-by-hop field passes");
  }
  check(sent.fields.has(FieldName::via), "we are named in Via");
  check(!base::iequals(sent.method_text, "TRACE") && sent.method_text != "CONNECT",
        "methods that would show or hide the token do not pass");
}

void run(std::string_view bytes) {
  const Found found = find_head(bytes, http::HeadScanner::Kind::request);
  if (found.status != http::HeadScanner::Status::complete) return;
  RequestHead head;
  if (http::parse_request_head(found.head, head) != HeadFault::none) return;
  check_plain_lines(found.head);
  check_rewritten_alike(head);
  relay::Request request;
  const auto refusal = relay::read_request(head, rules(), routes(), request, {}, {});
  if (refusal) {
    check_reply(*refusal);
  } else {
    check_forwarded(head, request);
  }
}

const Registration registration("request_head", run);

}  // namespace
}  // namespace bearer::fuzz
