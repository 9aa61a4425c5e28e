#include "tests/sandbox/outage.h"

#include <doctest/doctest.h>

#include <stdexcept>

#include "tests/sandbox/sandbox.h"

using namespace bearer::sandbox;
using namespace std::chrono_literals;

namespace {

constexpr WallTime kStart{1'773'576'000s};

}  // namespace

TEST_CASE("an outage is counted from the first request, and answers 503 until it is over") {
  Outage outage(parse_outage("20s+15s"));
  CHECK_FALSE(outage.meet(kStart));
  CHECK(outage.to_json(kStart + 20s - 1ms) ==
        nlohmann::ordered_json{{"state", "ahead"}, {"requests", 0}});
  CHECK(outage.meet(kStart + 20s).value().status == 503);
  CHECK(outage.meet(kStart + 35s - 1ms).value().status == 503);
  CHECK(outage.to_json(kStart + 35s - 1ms) ==
        nlohmann::ordered_json{{"state", "now"}, {"requests", 2}});
  CHECK_FALSE(outage.meet(kStart + 35s));
  CHECK(outage.to_json(kStart + 35s) == nlohmann::ordered_json{{"state", "over"}, {"requests", 2}});
}

TEST_CASE("an outage may reset connections instead") {
  Outage outage(parse_outage("0+1s,reset"));
  CHECK(outage.meet(kStart).value().reset);
}

TEST_CASE("without an outage there is none") {
  Outage outage({});
  CHECK_FALSE(outage.meet(kStart));
  CHECK(outage.to_json(kStart) == nlohmann::ordered_json{{"state", "none"}, {"requests", 0}});
}

TEST_CASE("an outage that cannot be read is refused") {
  for (const char* text : {"", "20s", "20s+", "20s+0", "+15s", "20s+x", "20s+15s,refuse"}) {
    CAPTURE(text);
    CHECK_THROWS_AS(parse_outage(text), std::invalid_argument);
  }
}

TEST_CASE("an outage meets every request of the API, its token good or not, and nothing else") {
  Sandbox sandbox({.outage = parse_outage("0+1h")});
  const auto status = [&sandbox](const std::string& method, const std::string& path) {
    Request request;
    request.method = method;
    request.path = path;
    return sandbox.answer(request).status;
  };
  CHECK(status("GET", "/api/v2/users") == 503);
  CHECK(status("POST", "/api/v2/orders") == 503);
  CHECK(status("GET", "/echo") == 200);
  CHECK(status("POST", "/oauth/token") != 503);
}
