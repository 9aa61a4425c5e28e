#include "relay/replies/local_reply.h"

#include <doctest/doctest.h>

#include <chrono>
#include <nlohmann/json.hpp>
#include <string>

#include "http/head_parser.h"

using namespace bearer;
using namespace std::chrono_literals;
using base::Errc;
using relay::LocalReply;

namespace {

/// A serialized answer, read as a client reads it.
struct Read {
  explicit Read(const std::string& message) : bytes(message) {
    const std::size_t end = bytes.find("\r\n\r\n");
    REQUIRE(end != std::string::npos);
    REQUIRE(http::parse_response_head(std::string_view(bytes).substr(0, end + 4), head) ==
            http::HeadFault::none);
    body = bytes.substr(end + 4);
  }
  std::string field(std::string_view name) const {
    for (const http::Field& field : head.fields) {
      if (field.name == name) return std::string(field.value);
    }
    return "";
  }
  std::string bytes;
  http::ResponseHead head;
  std::string body;
};

}  // namespace

TEST_CASE("each fault has the status and the error type that outcomes.md tells") {
  struct Case {
    Errc fault;
    int status;
    const char* error;
  };
  const Case cases[] = {
      {Errc::resolve_failed, 502, "dns_error"},
      {Errc::connect_refused, 502, "connection_refused"},
      {Errc::connect_timeout, 504, "connection_timeout"},
      {Errc::tls_handshake_failed, 502, "tls_protocol_error"},
      {Errc::tls_certificate_untrusted, 502, "tls_certificate_error"},
      {Errc::connection_lost, 502, "connection_terminated"},
      {Errc::response_timeout, 504, "http_response_timeout"},
      {Errc::response_malformed, 502, "http_protocol_error"},
      {Errc::response_incomplete, 502, "http_response_incomplete"},
      {Errc::request_malformed, 400, "http_request_error"},
      {Errc::request_timeout, 408, "http_request_error"},
      {Errc::descriptors_used_up, 503, "connection_limit_reached"},
      {Errc::queue_too_long, 503, "connection_limit_reached"},
      {Errc::draining, 503, "connection_limit_reached"},
      {Errc::upstream_paused, 429, "destination_unavailable"},
      {Errc::turn_too_late, 429, "destination_unavailable"},
      {Errc::token_rejected, 502, "credential_rejected"},
      {Errc::token_unreachable, 503, "credential_unavailable"},
      {Errc::spill_failed, 500, "proxy_internal_error"},
  };
  for (const Case& c : cases) {
    CAPTURE(base::name(c.fault));
    const LocalReply reply = relay::reply_for(c.fault, "why");
    CHECK(reply.status == c.status);
    CHECK(reply.error == c.error);
    CHECK(reply.detail == "why");
  }
}

TEST_CASE("an answer of our own is problem details that say the same as its head") {
  const Read read(
      relay::serialize(relay::reply_for(Errc::connect_refused, "nobody \"there\""), {}));
  CHECK(read.head.status == 502);
  CHECK(read.head.reason == "Bad Gateway");
  CHECK(read.field("Content-Type") == "application/problem+json");
  CHECK(read.field("Content-Length") == std::to_string(read.body.size()));
  CHECK(read.field("Connection").empty());
  CHECK(read.field("Proxy-Status") ==
        "bearer-proxy; error=connection_refused; details=\"nobody \\\"there\\\"\"");
  const auto problem = nlohmann::json::parse(read.body);
  CHECK(problem["type"] == "urn:bearer-proxy:connection_refused");
  CHECK(problem["title"] == "Bad Gateway");
  CHECK(problem["status"] == 502);
  CHECK(problem["detail"] == "nobody \"there\"");
}

TEST_CASE("bytes of the outside can forge neither a field nor a member") {
  const std::string evil = "a\r\nSet-Cookie: x=y\r\n\r\n\"}{\\ \x01\x7f \xff \u00e4";
  const Read read(relay::serialize(relay::reply_for(Errc::connection_lost, evil), {}));
  CHECK(read.field("Set-Cookie").empty());
  CHECK(read.field("Proxy-Status") ==
        "bearer-proxy; error=connection_terminated; "
        "details=\"a??Set-Cookie: x=y????\\\"}{\\\\ ?? ? ??\"");
  const auto problem = nlohmann::json::parse(read.body);
  CHECK(problem.size() == 4);
  CHECK(problem["detail"] == "a\r\nSet-Cookie: x=y\r\n\r\n\"}{\\ \x01\x7f \xEF\xBF\xBD \u00e4");
}

TEST_CASE("an answer to HEAD has the fields of the body that it does not have") {
  const LocalReply reply = relay::reply_for(Errc::connect_refused, "why");
  const std::string with = relay::serialize(reply, {});
  const std::string without = relay::serialize(reply, {.with_body = false});
  CHECK(with == without + Read(with).body);
}

TEST_CASE("the connection's end is said") {
  const LocalReply reply = relay::reply_for(Errc::connect_refused, "why");
  CHECK(Read(relay::serialize(reply, {.close = true})).field("Connection") == "close");
}

TEST_CASE("Retry-After is whole seconds, rounded up: never earlier") {
  struct Case {
    base::Duration wait;
    const char* seconds;
  };
  for (const Case& c : {Case{0s, "0"}, Case{1ns, "1"}, Case{1s, "1"}, Case{1001ms, "2"}}) {
    LocalReply reply = relay::reply_for(Errc::token_unreachable, "why");
    reply.retry_after = c.wait;
    CHECK(Read(relay::serialize(reply, {})).field("Retry-After") == c.seconds);
  }
}

TEST_CASE("a gRPC call is answered by a grpc-status and no body") {
  LocalReply reply = relay::reply_for(Errc::token_unreachable, "the token \n endpoint is down");
  reply.grpc = true;
  reply.retry_after = 1500ms;
  reply.attempts = 3;
  const Read read(relay::serialize(reply, {}));
  CHECK(read.head.status == 200);
  CHECK(read.field("Content-Type") == "application/grpc");
  CHECK(read.field("grpc-status") == "14");
  CHECK(read.field("grpc-message") == "the token %0a endpoint is down");
  CHECK(read.field("grpc-retry-pushback-ms") == "1500");
  CHECK(read.field("Proxy-Status") ==
        "bearer-proxy; error=credential_unavailable; details=\"the token ? endpoint is down\"");
  CHECK(read.field("Bearer-Proxy-Attempts") == "3");
  CHECK(read.field("Content-Length") == "0");
  CHECK(read.body.empty());
}

TEST_CASE("a 405 names the methods that are served, other answers do not") {
  LocalReply reply;
  reply.status = 405;
  reply.error = "http_request_denied";
  const std::string allow = Read(relay::serialize(reply, {})).field("Allow");
  CHECK(allow.find("GET") != std::string::npos);
  CHECK(allow.find("TRACE") == std::string::npos);
  reply.status = 403;
  CHECK(Read(relay::serialize(reply, {})).field("Allow").empty());
}

TEST_CASE("a refused head is a 400, a 431 or a 501 with the fault's own sentence") {
  struct Case {
    http::HeadFault fault;
    int status;
  };
  for (const Case& c :
       {Case{http::HeadFault::host_missing, 400}, Case{http::HeadFault::fields_too_many, 431},
        Case{http::HeadFault::coding_unsupported, 501}}) {
    const LocalReply reply = relay::malformed_request(c.fault);
    CHECK(reply.status == c.status);
    CHECK(reply.error == "http_request_error");
    CHECK(reply.detail == http::sentence(c.fault));
  }
}

TEST_CASE("an answer of ours that follows attempts says how many there were") {
  LocalReply reply = relay::reply_for(Errc::connection_lost, "gone");
  CHECK_FALSE(nlohmann::json::parse(Read(serialize(reply, {})).body).contains("attempts"));
  reply.attempts = 1;
  const Read once(serialize(reply, {}));
  CHECK(once.field("Bearer-Proxy-Attempts") == "");
  CHECK(nlohmann::json::parse(once.body)["attempts"] == 1);
  reply.attempts = 4;
  const Read often(serialize(reply, {}));
  CHECK(often.field("Bearer-Proxy-Attempts") == "4");
  CHECK(nlohmann::json::parse(often.body)["attempts"] == 4);
}
