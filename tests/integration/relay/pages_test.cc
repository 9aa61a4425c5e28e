// Pages of origins that are served may read answers, and caches are told of it.
#include <doctest/doctest.h>

#include <string>

#include "http/fields.h"
#include "tests/integration/relay/stage.h"

using namespace bearer;
using namespace bearer::test;

namespace {

void serve_page(Stage::Settings& settings) {
  settings.service.allowed_origins = {"https://app.example.com"};
}
const std::string kOrigin = "Origin: https://app.example.com\r\n";
constexpr const char* kReadable = "Access-Control-Allow-Origin: https://app.example.com";
constexpr const char* kVaries = "Vary: Origin";

std::string many_fields() {
  std::string lines = kOrigin;
  for (std::size_t i = 0; i <= http::kFieldsMax; ++i) lines += "X: y\r\n";
  return lines;
}

}  // namespace

TEST_CASE("a page may read whatever is refused once its origin was read") {
  Stage stage(serve_page);
  struct Case {
    std::string request;
    int status;
  };
  const Case cases[] = {
      {get("/", kOrigin + "Transfer-Encoding: gzip\r\n"), 501},
      {get("/", kOrigin + "Content-Length: x\r\n"), 400},
      {get("/", kOrigin + " folded\r\n"), 400},
      {get("/", many_fields()), 431},
      {get("x", kOrigin), 400},
      {"TRACE / HTTP/1.1\r\nHost: localhost\r\n" + kOrigin + "\r\n", 405},
      {"GET / HTTP/1.1\r\nHost: evil.example.com\r\n" + kOrigin + "\r\n", 421},
  };
  for (const Case& c : cases) {
    CAPTURE(c.request);
    RawSocket client = stage.client();
    const RawMessage refused = ask(client, c.request);
    CHECK(refused.status() == c.status);
    CHECK(refused.has(kReadable));
    CHECK(refused.has("Access-Control-Allow-Credentials: true"));
    const std::string exposed = refused.value("Access-Control-Expose-Headers");
    for (const char* name : {"Proxy-Status", "Retry-After", "X-Request-Id", "Content-Type"}) {
      CHECK(exposed.find(name) != std::string::npos);
    }
    CHECK(refused.has(kVaries));
  }
}

TEST_CASE("where pages are served, a cache is told so by every answer, whoever asked") {
  Stage stage(serve_page);
  RawSocket client = stage.client();
  client.send(get());
  RawSocket upstream = stage.take_request();
  upstream.send(answer("200 OK"));
  const RawMessage relayed = read_message(client);
  CHECK(relayed.has(kVaries));
  CHECK_FALSE(relayed.has(kReadable));
  const RawMessage own = ask(client, "TRACE / HTTP/1.1\r\nHost: localhost\r\n\r\n");
  CHECK(own.has(kVaries));
  const RawMessage foreign = ask(client, get("/", "Origin: https://evil.example.com\r\n"));
  CHECK(foreign.status() == 403);
  CHECK(foreign.has(kVaries));
  CHECK(foreign.value("Access-Control-Allow-Origin") == "");
}

TEST_CASE("where no page is served, nothing is said of origins") {
  Stage stage;
  RawSocket client = stage.client();
  CHECK_FALSE(ask(client, "TRACE / HTTP/1.1\r\nHost: localhost\r\n\r\n").has(kVaries));
  client.send(get());
  RawSocket upstream = stage.take_request();
  upstream.send(answer("200 OK"));
  CHECK_FALSE(read_message(client).has(kVaries));
}
