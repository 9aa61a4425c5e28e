// The spans that an OpenTelemetry collector gets.
#include <doctest/doctest.h>

#include <algorithm>
#include <map>
#include <mutex>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <vector>

#include "tests/support/eventually.h"
#include "tests/support/message_server.h"
#include "tests/support/said.h"
#include "tests/support/temporary_directory.h"
#include "tests/system/curl.h"
#include "tests/system/proxy.h"

using namespace bearer::test;
using Json = nlohmann::json;

namespace {

const std::string kTrace = "2b9f4c1de07a45318c6db0fae1937f50";
const std::string kParent = "00-" + kTrace + "-6e0d1f7bc2a85934-01";

/// A collector that answers 200, or what a test wants, and keeps what it got.
class Collector {
 public:
  explicit Collector(std::vector<std::string> answers = {})
      : answers_(std::move(answers)), server_([this](const RawMessage& request) {
          const std::lock_guard lock(mutex_);
          requests_.push_back(request);
          if (requests_.size() <= answers_.size()) return answers_[requests_.size() - 1];
          return answer("200 OK", "{}", "Content-Type: application/json\r\n");
        }) {}

  std::string origin() const { return "http://127.0.0.1:" + std::to_string(server_.port()); }
  std::vector<RawMessage> requests() const {
    const std::lock_guard lock(mutex_);
    return requests_;
  }
  /// All spans that came so far.
  std::vector<Json> spans() const {
    std::vector<Json> spans;
    for (const RawMessage& request : requests()) {
      const Json body = Json::parse(request.body);
      for (const Json& resource : body.at("resourceSpans")) {
        for (const Json& scope : resource.at("scopeSpans")) {
          for (const Json& span : scope.at("spans")) spans.push_back(span);
        }
      }
    }
    return spans;
  }

  /// To be called before the proxy is told to end: it does not wait long for a collector then.
  void await_spans(std::size_t count) const {
    REQUIRE(eventually([&] { return spans().size() >= count; }));
  }

 private:
  const std::vector<std::string> answers_;
  mutable std::mutex mutex_;
  std::vector<RawMessage> requests_;
  MessageServer server_;
};

Json attribute(const Json& span, const std::string& key) {
  for (const Json& one : span.at("attributes")) {
    if (one.at("key") == key) return one.at("value").front();
  }
  return nullptr;
}

bool is_hex(const Json& id, std::size_t digits) {
  const auto text = id.get<std::string>();
  return text.size() == digits && text.find_first_not_of("0123456789abcdef") == std::string::npos &&
         text.find_first_not_of('0') != std::string::npos;
}

bool is_nanoseconds(const Json& moment) {
  const auto text = moment.get<std::string>();
  return text.size() == 19 && text.find_first_not_of("0123456789") == std::string::npos;
}

/// Whether the attributes are a list of KeyValue, each value of one type, spelled as protobuf's
/// JSON has it.
void check_attributes(const Json& holder) {
  std::set<std::string> keys;
  for (const Json& one : holder.at("attributes")) {
    CHECK(one.size() == 2);
    CHECK(keys.insert(one.at("key").get<std::string>()).second);
    const Json& value = one.at("value");
    REQUIRE(value.size() == 1);
    const std::string type = value.items().begin().key();
    CAPTURE(type);
    const bool text = type == "stringValue" || type == "intValue";
    CHECK((text || type == "doubleValue" || type == "boolValue"));
    CHECK(value.front().is_string() == text);
  }
}

/// Against opentelemetry-proto's trace.proto, in its JSON mapping.
void check_span(const Json& span) {
  static const std::set<std::string> kMembers = {
      "traceId",         "spanId",     "parentSpanId", "name",   "kind",  "startTimeUnixNano",
      "endTimeUnixNano", "attributes", "events",       "status", "flags", "droppedEventsCount"};
  CAPTURE(span.dump());
  for (const auto& [member, value] : span.items()) CHECK(kMembers.contains(member));
  CHECK(is_hex(span.at("traceId"), 32));
  CHECK(is_hex(span.at("spanId"), 16));
  if (span.contains("parentSpanId")) CHECK(is_hex(span.at("parentSpanId"), 16));
  CHECK(span.at("name").is_string());
  CHECK((span.at("kind") == 2 || span.at("kind") == 3));
  CHECK(is_nanoseconds(span.at("startTimeUnixNano")));
  CHECK(is_nanoseconds(span.at("endTimeUnixNano")));
  CHECK(span.at("startTimeUnixNano").get<std::string>() <=
        span.at("endTimeUnixNano").get<std::string>());
  check_attributes(span);
  if (span.contains("status")) CHECK(span.at("status") == Json{{"code", 2}});
  for (const Json& event : span.value("events", Json::array())) {
    CHECK(event.at("name").is_string());
    CHECK(is_nanoseconds(event.at("timeUnixNano")));
    check_attributes(event);
  }
}

/// The value of a field that the upstream saw, once; else empty.
std::string seen_by_upstream(const Reply& reply, const std::string& name) {
  std::string value;
  const Json echo = Json::parse(reply.body);
  for (const Json& field : echo.at("fields")) {
    if (field[0] != name) continue;
    if (!value.empty()) return "";
    value = field[1];
  }
  return value;
}

}  // namespace

TEST_CASE(
    "a collector gets a span for each request and each attempt, which is the upstream's parent") {
  Collector collector;
  const Sandbox sandbox;
  Proxy proxy(sandbox, {"--otlp-endpoint", collector.origin(), "--otlp-service", "night-job"});
  const Reply reply = curl({"-H", "traceparent: " + kParent, "-H", "tracestate: vendor=abc", "-H",
                            "X-Api-Key: hush", proxy.url("/echo?q=hush")});
  const std::string parent = seen_by_upstream(reply, "traceparent");
  CHECK(seen_by_upstream(reply, "tracestate") == "vendor=abc");
  collector.await_spans(2);
  const std::string log = proxy.end();
  const std::vector<Json> spans = collector.spans();
  REQUIRE(spans.size() == 2);
  for (const Json& span : spans) check_span(span);
  CHECK(spans[0].at("kind") == 2);
  CHECK(spans[0].at("traceId") == kTrace);
  CHECK(spans[0].at("parentSpanId") == "6e0d1f7bc2a85934");
  CHECK(attribute(spans[0], "url.path") == "/echo");
  CHECK(attribute(spans[0], "http.response.status_code") == "200");
  CHECK(spans[1].at("kind") == 3);
  CHECK(spans[1].at("parentSpanId") == spans[0].at("spanId"));
  CHECK(parent == "00-" + kTrace + "-" + spans[1].at("spanId").get<std::string>() + "-01");

  const RawMessage request = collector.requests().at(0);
  CHECK(request.start_line == "POST /v1/traces HTTP/1.1");
  CHECK(request.has("Content-Type: application/json"));
  CHECK(says(request.body, R"({"key":"service.name","value":{"stringValue":"night-job"}})"));
  CHECK_FALSE(says(request.body, "hush"));
  CHECK_FALSE(says(log, "collector"));
}

TEST_CASE("each attempt has a span of its own, and the wait between them is an event") {
  Collector collector;
  const Sandbox sandbox;
  Proxy proxy(sandbox, {"--otlp-endpoint", collector.origin() + "/", "--max-retries", "2",
                        "--backoff-base", "1ms"});
  CHECK(curl({proxy.url("/status/503")}).status == 503);
  sandbox.revoke();
  CHECK(curl({proxy.url("/api/v2/users")}).status == 200);
  collector.await_spans(7);
  proxy.end();
  std::map<std::string, std::vector<Json>> attempts;
  for (const Json& span : collector.spans()) {
    check_span(span);
    if (span.at("kind") == 3) attempts[span.at("parentSpanId")].push_back(span);
  }
  std::size_t requests = 0;
  for (const Json& span : collector.spans()) {
    if (span.at("kind") != 2) continue;
    ++requests;
    const std::vector<Json>& its = attempts[span.at("spanId")];
    if (attribute(span, "url.path") == "/status/503") {
      CHECK(its.size() == 3);
      CHECK(span.at("status").at("code") == 2);
      // The first may have waited for a token, too.
      CHECK(std::ranges::count_if(span.at("events"), [](const Json& event) {
              return attribute(event, "bearer_proxy.wait.reason") == "backoff";
            }) == 2);
    } else {
      REQUIRE(its.size() == 2);
      CHECK(attribute(its[0], "http.response.status_code") == "401");
      CHECK(attribute(its[1], "http.request.resend_count") == "1");
      CHECK(attribute(its[1], "bearer_proxy.attempt.cause") == "status_401");
    }
  }
  CHECK(requests == 2);
}

TEST_CASE("a trace that nobody samples passes untouched, and a malformed one is begun again") {
  Collector collector;
  const Sandbox sandbox;
  Proxy proxy(sandbox, {"--otlp-endpoint", collector.origin()});
  const std::string unsampled = kParent.substr(0, 53) + "00";
  CHECK(seen_by_upstream(curl({"-H", "traceparent: " + unsampled, proxy.url("/echo")}),
                         "traceparent") == unsampled);
  const Reply odd = curl(
      {"-H", "traceparent: 00-" + kTrace + "-01", "-H", "tracestate: a=1", proxy.url("/echo")});
  CHECK(seen_by_upstream(odd, "traceparent").size() == kParent.size());
  CHECK_FALSE(says(odd.body, kTrace));
  CHECK_FALSE(says(odd.body, "tracestate"));
  collector.await_spans(2);
  proxy.end();
  CHECK(collector.spans().size() == 2);  // of the second request
}

TEST_CASE("of traces that begin here a share is told, and the others say so to the upstream") {
  Collector collector;
  const Sandbox sandbox;
  Proxy proxy(sandbox, {"--otlp-endpoint", collector.origin(), "--otlp-sample", "0"});
  const std::string made = seen_by_upstream(curl({proxy.url("/echo")}), "traceparent");
  REQUIRE(made.size() == kParent.size());
  CHECK(made.ends_with("-00"));
  const std::string continued =
      seen_by_upstream(curl({"-H", "traceparent: " + kParent, proxy.url("/echo")}), "traceparent");
  CHECK(continued.starts_with("00-" + kTrace + "-"));
  CHECK(continued.ends_with("-01"));
  CHECK(curl({"-H", "Host: elsewhere.example", proxy.url("/x")}).status == 421);
  collector.await_spans(2);
  proxy.end();
  const std::vector<Json> spans = collector.spans();
  REQUIRE(spans.size() == 2);  // of the request whose trace was sampled before it came
  for (const Json& span : spans) CHECK(span.at("traceId") == kTrace);
}

TEST_CASE("a request that is refused has a span without attempts") {
  Collector collector;
  const Sandbox sandbox;
  Proxy proxy(sandbox, {"--otlp-endpoint", collector.origin()});
  CHECK(curl({"-H", "Host: elsewhere.example", proxy.url("/x")}).status == 421);
  collector.await_spans(1);
  proxy.end();
  const std::vector<Json> spans = collector.spans();
  REQUIRE(spans.size() == 1);
  check_span(spans[0]);
  CHECK(attribute(spans[0], "http.response.status_code") == "421");
  CHECK(attribute(spans[0], "bearer_proxy.own_reply") == true);
}

TEST_CASE("a collector that fails is said once, loses spans, and holds nobody up") {
  const std::string gone = answer("400 Bad Request");
  Collector collector({gone, gone});
  const Sandbox sandbox;
  Proxy proxy(sandbox, {"--otlp-endpoint", collector.origin(), "--admin", "127.0.0.1:0"});
  const auto metrics = [&] { return curl({proxy.admin_url("/metrics")}).body; };
  for (const char* lost : {"2", "4"}) {
    CHECK(curl({proxy.url("/echo")}).status == 200);
    CHECK(eventually([&] {
      return bool(says(metrics(),
                       std::string("bearer_proxy_spans_lost_total{reason=\"refused\"} ") + lost));
    }));
  }
  CHECK(curl({proxy.url("/echo")}).status == 200);
  CHECK(eventually([&] { return bool(says(metrics(), "bearer_proxy_spans_sent_total 2")); }));
  const std::string log = proxy.end();
  const std::string line = "the OpenTelemetry collector takes no spans";
  CHECK(says(log, line));
  CHECK(says(log, "it answered 400; check otlp_endpoint"));
  CHECK(log.find(line) == log.rfind(line));
  CHECK(says(log, "takes spans again"));
}

TEST_CASE("spans that a collector may take later are sent again") {
  Collector collector({answer("503 Service Unavailable", {}, "Retry-After: 0\r\n")});
  const Sandbox sandbox;
  Proxy proxy(sandbox, {"--otlp-endpoint", collector.origin()});
  CHECK(curl({proxy.url("/echo")}).status == 200);
  proxy.program().await_error("takes spans again");
  const std::vector<RawMessage> requests = collector.requests();
  REQUIRE(requests.size() == 2);
  CHECK(requests[0].body == requests[1].body);
}

TEST_CASE("the end of the program does not wait for a collector that is not there") {
  const Sandbox sandbox;
  const MessageServer silent([](const RawMessage&) { return std::optional<std::string>(); });
  Proxy proxy(sandbox, {"--otlp-endpoint", "http://127.0.0.1:" + std::to_string(silent.port())});
  CHECK(curl({proxy.url("/echo")}).status == 200);
  CHECK(says(proxy.end(), "takes no spans"));
}

TEST_CASE("OpenTelemetry's own variables name the collector, and the file of fields its key") {
  const TemporaryDirectory directory;
  Collector collector;
  const Sandbox sandbox;
  const Strings credential = credential_of(sandbox);
  const std::string fields = directory.write("fields", "# of the collector\nX-Otlp-Key: k3y\n");
  const Strings flags = {"--upstream", sandbox.url(), "--otlp-header-file", fields};
  Proxy proxy(flags + credential,
              kSandboxSecret + Strings{"OTEL_EXPORTER_OTLP_ENDPOINT=" + collector.origin(),
                                       "OTEL_SERVICE_NAME=of-the-pod"});
  CHECK(curl({proxy.url("/echo")}).status == 200);
  collector.await_spans(2);
  CHECK_FALSE(says(proxy.end(), "k3y"));
  const std::vector<RawMessage> requests = collector.requests();
  REQUIRE(requests.size() == 1);
  CHECK(requests[0].value("X-Otlp-Key") == "k3y");
  CHECK(says(requests[0].body, "of-the-pod"));

  for (const char* off : {"OTEL_SDK_DISABLED=true", "OTEL_TRACES_EXPORTER=none",
                          "OTEL_EXPORTER_OTLP_PROTOCOL=grpc"}) {
    Proxy other(Strings{"--upstream", sandbox.url()} + credential,
                kSandboxSecret + Strings{"OTEL_EXPORTER_OTLP_ENDPOINT=" + collector.origin(), off});
    CHECK(curl({other.url("/echo")}).status == 200);
    other.end();
  }
  CHECK(collector.requests().size() == 1);
}
