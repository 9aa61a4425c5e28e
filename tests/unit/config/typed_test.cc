#include "config/typed.h"

#include <doctest/doctest.h>

#include <chrono>

#include "tests/unit/config/configuring.h"

using namespace bearer;
using namespace bearer::config;
using namespace std::chrono_literals;
using relay::Rate;

TEST_CASE("a rate is a number of requests and a period") {
  CHECK(parse_rate("300/m") == Rate{300, 1min});
  CHECK(parse_rate("10/s") == Rate{10, 1s});
  CHECK(parse_rate("1000/h") == Rate{1000, 1h});
  CHECK(parse_rate("1/500ms") == Rate{1, 500ms});
  CHECK(parse_rate("7/24h") == Rate{7, 24h});
}

TEST_CASE("what is no rate is not taken for one") {
  for (const char* text : {"", "300", "300/", "/m", "0/m", "-1/m", "1.5/s", "x/m", "300/x",
                           "300/60", "300/0s", "300/25h", "300 / m", "300/m/s", "1000001/s"}) {
    CAPTURE(text);
    CHECK_FALSE(parse_rate(text));
  }
}

TEST_CASE("pacing is on and without a ceiling unless a route says otherwise") {
  const relay::PacingOptions unset = complete().settings().routes.at(0).pacing;
  CHECK(unset.on);
  CHECK(unset.ceiling == Rate{});

  const Settings settings = with_file(R"({
    "token_url": "https://login.example.com/token", "client_id": "c", "rate": "300/m",
    "routes": [{"path": "/a", "upstream": "https://a.example.com", "pacing": "off"},
                {"path": "/b", "upstream": "https://b.example.com", "rate": "5/s"}]
  })")
                                .settings();
  CHECK_FALSE(settings.routes.at(0).pacing.on);
  CHECK(settings.routes.at(0).pacing.ceiling == Rate{300, 1min});
  CHECK(settings.routes.at(1).pacing.on);
  CHECK(settings.routes.at(1).pacing.ceiling == Rate{5, 1s});
}

TEST_CASE("the version of HTTP for the upstream is the client's unless a route says otherwise") {
  using relay::UpstreamHttp;
  CHECK(complete().settings().routes.at(0).upstream_http == UpstreamHttp::as_client);
  const Settings settings = with_file(R"({
    "token_url": "https://login.example.com/token", "client_id": "c", "upstream_http": "2",
    "routes": [{"path": "/a", "upstream": "https://a.example.com", "upstream_http": "1.1"},
                {"path": "/b", "upstream": "https://b.example.com", "upstream_http": "auto"},
                {"path": "/c", "upstream": "https://c.example.com"}]
  })")
                                .settings();
  CHECK(settings.routes.at(0).upstream_http == UpstreamHttp::http_1_1);
  CHECK(settings.routes.at(1).upstream_http == UpstreamHttp::as_client);
  CHECK(settings.routes.at(2).upstream_http == UpstreamHttp::http_2);
  CHECK(complete_with({"--upstream-http", "3"}).errors() ==
        R"(upstream_http = "3" (from --upstream-http): not one of auto, 1.1, 2)");
}

TEST_CASE("a rate or a pacing that cannot be used is named with the mend") {
  CHECK(complete_with({"--rate", "300"}).blames("rate = \"300\""));
  CHECK(complete_with({"--pacing", "on"}).blames("pacing = \"on\""));
}
