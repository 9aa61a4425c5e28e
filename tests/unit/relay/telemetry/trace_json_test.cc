#include "relay/telemetry/trace_json.h"

#include <doctest/doctest.h>

#include <chrono>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "tests/support/route.h"

using namespace bearer;
using namespace std::chrono_literals;
using Json = nlohmann::json;
using relay::Cause;
using relay::Trace;
using relay::TraceRecorder;
using relay::WaitFor;

namespace {

constexpr base::Instant kStart{500h};
constexpr base::WallTime kWall{1'800'000'007s};

template <std::size_t size>
std::array<char, size> digits(char digit) {
  std::array<char, size> all;
  all.fill(digit);
  return all;
}

struct Fixture {
  Fixture() {
    request.route = &route;
    request.target = "/crm/orders?key=hush";
    request.head = "PUT /base/orders?key=hush HTTP/1.1\r\nX-Key: hush\r\n";
    request.authority = "localhost:8081";
    request.id.set("the-id");
    request.trace = std::make_unique<relay::TraceContext>(
        relay::TraceContext{true, false, digits<32>('a'), digits<16>('b'), digits<16>('c')});
    end.status = 200;
    end.whole = true;
    end.took = 7s;
  }
  void attempt(char id, base::Duration began, const relay::Outcome& outcome, Cause cause) {
    recorder.attempt_began(digits<16>(id), kStart + began);
    ++end.attempts;
    recorder.attempt_ended({request, end.attempts, cause, outcome, {}, {}, kStart + began + 1s});
  }
  /// The spans of the request, as a collector reads them.
  Json spans() { return spans_of(recorder.end(end, kWall)); }
  static Json spans_of(std::unique_ptr<Trace> trace) {
    std::vector<std::unique_ptr<Trace>> traces;
    traces.push_back(std::move(trace));
    text = relay::trace_json(traces, {"shop \"1\"", "9.1", "here"});
    return Json::parse(text).at("resourceSpans")[0].at("scopeSpans")[0].at("spans");
  }

  relay::Route route{bearer::test::route("/crm/", "https://crm.example.com:8443/base/")};
  relay::Request request;
  relay::ExchangeEnd end{.request = request};
  TraceRecorder recorder{request, kStart};
  static inline std::string text;
};

relay::Outcome answered(int status) {
  relay::Outcome outcome;
  outcome.status = status;
  return outcome;
}

relay::Outcome failed(base::Errc fault) {
  relay::Outcome outcome;
  outcome.fault = fault;
  return outcome;
}

/// The value of an attribute, by the type that it has there; null if there is none.
Json attribute(const Json& holder, const std::string& key) {
  for (const Json& one : holder.at("attributes")) {
    if (one.at("key") == key) return one.at("value");
  }
  return nullptr;
}

}  // namespace

TEST_CASE_FIXTURE(Fixture, "a request is a span of a server, and each attempt one of a client") {
  attempt('1', 0s, failed(base::Errc::connect_refused), Cause::first);
  recorder.waited(WaitFor::backoff, kStart + 1s, kStart + 3500ms);
  attempt('2', 4s, answered(503), Cause::not_connected);
  attempt('3', 6s, answered(200), Cause::server_error);
  const Json all = spans();
  REQUIRE(all.size() == 4);

  const Json& server = all[0];
  CHECK(server.at("traceId") == std::string(32, 'a'));
  CHECK(server.at("spanId") == std::string(16, 'c'));
  CHECK_FALSE(server.contains("parentSpanId"));
  CHECK(server.at("name") == "PUT /crm/");
  CHECK(server.at("kind") == 2);
  CHECK(server.at("startTimeUnixNano") == "1800000000000000000");
  CHECK(server.at("endTimeUnixNano") == "1800000007000000000");
  CHECK_FALSE(server.contains("status"));
  CHECK(attribute(server, "url.path")["stringValue"] == "/crm/orders");
  CHECK(attribute(server, "http.route")["stringValue"] == "/crm/");
  CHECK(attribute(server, "http.request.method")["stringValue"] == "PUT");
  CHECK(attribute(server, "http.response.status_code")["intValue"] == "200");
  CHECK(attribute(server, "server.address")["stringValue"] == "localhost");
  CHECK(attribute(server, "server.port")["intValue"] == "8081");
  CHECK(attribute(server, "bearer_proxy.attempts")["intValue"] == "3");
  CHECK(attribute(server, "bearer_proxy.request.id")["stringValue"] == "the-id");
  CHECK(attribute(server, "bearer_proxy.own_reply")["boolValue"] == false);
  REQUIRE(server.at("events").size() == 1);
  CHECK(server.at("events")[0].at("timeUnixNano") == "1800000001000000000");
  CHECK(attribute(server.at("events")[0], "bearer_proxy.wait.reason")["stringValue"] == "backoff");
  CHECK(attribute(server.at("events")[0], "bearer_proxy.wait.seconds")["doubleValue"] == 2.5);

  for (std::size_t i = 1; i < all.size(); ++i) {
    CHECK(all[i].at("traceId") == server.at("traceId"));
    CHECK(all[i].at("parentSpanId") == server.at("spanId"));
    CHECK(all[i].at("spanId") == std::string(16, static_cast<char>('0' + i)));
    CHECK(all[i].at("kind") == 3);
    CHECK(all[i].at("name") == "PUT");
    CHECK(attribute(all[i], "server.address")["stringValue"] == "crm.example.com");
    CHECK(attribute(all[i], "server.port")["intValue"] == "8443");
    CHECK(attribute(all[i], "url.full")["stringValue"] ==
          "https://crm.example.com:8443/base/orders");
  }
  CHECK(attribute(all[1], "http.request.resend_count").is_null());
  CHECK(attribute(all[1], "http.response.status_code").is_null());
  CHECK(attribute(all[1], "error.type")["stringValue"] == "connect_refused");
  CHECK(all[1].at("status").at("code") == 2);
  CHECK(attribute(all[2], "http.request.resend_count")["intValue"] == "1");
  CHECK(attribute(all[2], "error.type")["stringValue"] == "503");
  CHECK(all[2].at("status").at("code") == 2);
  CHECK(all[2].at("startTimeUnixNano") == "1800000004000000000");
  CHECK(all[2].at("endTimeUnixNano") == "1800000005000000000");
  CHECK(attribute(all[3], "http.request.resend_count")["intValue"] == "2");
  CHECK(attribute(all[3], "bearer_proxy.attempt.cause")["stringValue"] == "status_5xx");
  CHECK_FALSE(all[3].contains("status"));
  CHECK(text.find("hush") == std::string::npos);
}

TEST_CASE_FIXTURE(Fixture, "a continued trace has a parent") {
  request.trace->continued = true;
  CHECK(spans()[0].at("parentSpanId") == std::string(16, 'b'));
}

TEST_CASE_FIXTURE(Fixture, "whose spans they are stands before them") {
  spans();
  const Json resource = Json::parse(text).at("resourceSpans")[0];
  CHECK(attribute(resource.at("resource"), "service.name")["stringValue"] == "shop \"1\"");
  CHECK(attribute(resource.at("resource"), "service.version")["stringValue"] == "9.1");
  CHECK(attribute(resource.at("resource"), "service.instance.id")["stringValue"] == "here");
  CHECK(resource.at("scopeSpans")[0].at("scope").at("name") == "bearer-proxy");
}

TEST_CASE_FIXTURE(Fixture, "what a server did wrong is an error, and what a client did is none") {
  struct Row {
    int status;
    const char* error;
    bool whole;
    const char* type;
  };
  for (const Row& row : {Row{404, "", true, ""}, Row{421, "http_request_denied", true, ""},
                         Row{500, "", true, "500"}, Row{502, "dns_error", true, "dns_error"},
                         Row{200, "", false, "cut_short"}, Row{0, "", false, "client_left"}}) {
    CAPTURE(row.status);
    end.status = row.status;
    end.error = row.error;
    end.whole = row.whole;
    const Json span = spans_of(relay::trace_of_refusal(end, kWall))[0];
    const Json type = attribute(span, "error.type");
    CHECK((type.is_null() ? "" : type["stringValue"]) == row.type);
    CHECK(span.contains("status") == (*row.type != '\0'));
    CHECK(attribute(span, "http.response.status_code").is_null() == (row.status == 0));
  }
}

TEST_CASE_FIXTURE(Fixture, "a method that nobody knows is no name of a span") {
  request.head = "BREW /pot HTTP/1.1\r\n";
  const Json span = spans()[0];
  CHECK(span.at("name") == "HTTP /crm/");
  CHECK(attribute(span, "http.request.method")["stringValue"] == "_OTHER");
  CHECK(attribute(span, "http.request.method_original")["stringValue"] == "BREW");
}

TEST_CASE_FIXTURE(Fixture, "of very many attempts and waits the last are kept") {
  for (int i = 0; i < 100; ++i) {
    attempt('1', 1s * i, answered(503), Cause::server_error);
    recorder.waited(WaitFor::pause, kStart + 1s * i, kStart + 1s * i);
  }
  const Json all = spans();
  REQUIRE(all.size() == 1 + Trace::kAttemptsMax);
  CHECK(attribute(all.back(), "http.request.resend_count")["intValue"] == "99");
  CHECK(all[0].at("events").size() == Trace::kWaitsMax);
  CHECK(all[0].at("droppedEventsCount") == 100 - Trace::kWaitsMax);
}

TEST_CASE_FIXTURE(Fixture, "bytes that are no UTF-8 leave the JSON whole") {
  request.target = "/crm/\xff\"\\x";
  CHECK(attribute(spans()[0], "url.path")["stringValue"] == "/crm/\xef\xbf\xbd\"\\x");
}
