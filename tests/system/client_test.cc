// A client may use HTTP as curl speaks it.
#include <doctest/doctest.h>

#include <string_view>

#include "tests/support/temporary_directory.h"
#include "tests/system/curl.h"
#include "tests/system/proxy.h"
#include "tests/system/upstream.h"

using namespace bearer::test;
using Json = nlohmann::json;

namespace {

constexpr const char* kHelloSha256 =
    "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824";

/// Returns what the upstream saw of a request.
Json seen(Strings arguments) {
  const Reply reply = curl(arguments);
  CHECK(reply.status == 200);
  return Json::parse(reply.body);
}

std::string field(const Json& echo, const std::string& name) {
  for (const Json& pair : echo.at("fields")) {
    if (pair.at(0) == name) return pair.at(1);
  }
  return "";
}

}  // namespace

TEST_CASE("a request without a token gets one, and one with a token gets ours") {
  const Sandbox sandbox;
  const Proxy proxy(sandbox);
  CHECK(curl({proxy.url("/api/v2/users")}).status == 200);
  CHECK(curl({"-H", "Authorization: Bearer stale", proxy.url("/api/v2/users")}).status == 200);
  CHECK(curl({"-u", "user:password", proxy.url("/api/v2/users")}).status == 200);
  const Json refused = sandbox.stats().at("refused");
  for (const auto& [why, count] : refused.items()) CHECK(count == 0);
}

TEST_CASE("every method goes through, with its target, fields and body as they were") {
  const Sandbox sandbox;
  const Proxy proxy(sandbox);
  const std::string target = "/echo?a=%2F..%2f&b=c+d&&e#";
  for (const std::string method : {"GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}) {
    CAPTURE(method);
    const bool with_body = method != "GET" && method != "OPTIONS";
    const Strings body = with_body ? Strings{"-d", "hello"} : Strings{};
    const Json echo = seen(Strings{"-X", method, "-H", "X-Own: a  b", proxy.url(target)} + body);
    CHECK(echo.at("method") == method);
    CHECK(echo.at("target") == "/echo?a=%2F..%2f&b=c+d&&e");  // curl keeps the fragment
    CHECK(field(echo, "X-Own") == "a  b");
    CHECK(field(echo, "Via") == "1.1 bearer-proxy");
    CHECK(field(echo, "Host") == sandbox.url().substr(7));
    if (with_body) CHECK(echo.at("body_sha256") == kHelloSha256);
  }
}

TEST_CASE("a file is uploaded, from disk and from a pipe") {
  const Sandbox sandbox;
  const Proxy proxy(sandbox);
  const TemporaryDirectory directory;
  const std::string file = directory.write("file", "hello");
  CHECK(seen({"-T", file, proxy.url("/echo")}).at("body_sha256") == kHelloSha256);
  const Json piped = seen({"-H", "Transfer-Encoding: chunked", "-T", file, proxy.url("/echo")});
  CHECK(piped.at("body_sha256") == kHelloSha256);
}

TEST_CASE("a client that asks first is told to go on") {
  const Sandbox sandbox;
  const Proxy proxy(sandbox);
  // Longer than curl waits for anything: without a 100 there is no answer.
  const Json echo = seen({"--expect100-timeout", "60", "-H", "Expect: 100-continue", "-d", "hello",
                          proxy.url("/echo")});
  CHECK(echo.at("body_sha256") == kHelloSha256);
}

TEST_CASE("an HTTP/1.0 client gets a body of known and of unknown length whole") {
  const Sandbox sandbox;
  const Proxy proxy(sandbox);
  for (const char* target : {"/bytes/200000", "/chunked/200000"}) {
    CAPTURE(target);
    const Reply reply = curl({"--http1.0", proxy.url(target)});
    CHECK(reply.status == 200);
    CHECK(reply.field("Transfer-Encoding") == "");
    CHECK((reply.body == curl({sandbox.url(target)}).body));
  }
}

TEST_CASE("HEAD has the length and no body, and the connection goes on") {
  const Sandbox sandbox;
  const Proxy proxy(sandbox);
  const std::string url = proxy.url("/bytes/200000");
  const Reply reply = curl({"--head", url, url, "-w", "%{stderr}%{num_connects}"});
  CHECK(reply.status == 200);
  CHECK(reply.field("Content-Length") == "200000");
  CHECK(reply.body == "");
  CHECK(reply.error == "10");  // the second needed no connection of its own
}

TEST_CASE("204 and 304 have no body, and the connection goes on") {
  const Sandbox sandbox;
  const Proxy proxy(sandbox);
  for (const std::string target : {"/status/204", "/status/304"}) {
    CAPTURE(target);
    const std::string url = proxy.url(target);
    const Reply reply = curl({url, url, "-w", "%{stderr}%{num_connects}"});
    CHECK(std::to_string(reply.status) == target.substr(8));
    CHECK(reply.body == "");
    CHECK(reply.error == "10");
  }
}

TEST_CASE("a compressed body is passed on as it is") {
  using namespace std::string_literals;
  const std::string gzipped =  // "hello"
      "\x1f\x8b\x08\0\0\0\0\0\x02\x03\xcb\x48\xcd\xc9\xc9\x07\0\x86\xa6\x10\x36\x05\0\0\0"s;
  const Sandbox tokens;
  Upstream upstream;
  const Proxy proxy(upstream.origin(), tokens);
  Client client({"--compressed", proxy.url("/")});
  RawSocket request = upstream.take_request();
  request.send(answer("200 OK", gzipped, "Content-Encoding: gzip\r\n"));
  const Reply reply = client.reply();
  CHECK(reply.field("Content-Encoding") == "gzip");
  CHECK(reply.field("Content-Length") == std::to_string(gzipped.size()));
  CHECK(reply.body == "hello");
}

TEST_CASE("the proxy can be used by way of http_proxy") {
  const Sandbox sandbox;
  const Proxy proxy(sandbox);
  const Strings by_proxy = {"--noproxy", "", "--proxy", proxy.url("")};
  CHECK(curl(by_proxy + Strings{sandbox.url("/api/v2/users")}).status == 200);
  CHECK(curl(by_proxy + Strings{"http://elsewhere.example/"}).status == 421);
}

TEST_CASE("a redirect to the upstream is followed on the proxy") {
  const Sandbox sandbox;
  const Proxy proxy(sandbox);
  const Reply reply =
      curl({"-L", proxy.url("/status/302?Location=" + sandbox.url("/api/v2/users"))});
  CHECK(reply.status == 200);
  const Reply first = curl({proxy.url("/status/302?Location=" + sandbox.url("/echo%3Fa%3Db"))});
  CHECK(first.field("Location") == proxy.url("/echo?a=b"));
  const Reply away = curl({proxy.url("/status/302?Location=https://elsewhere.example/")});
  CHECK(away.field("Location") == "https://elsewhere.example/");
}

TEST_CASE("the link to the next page stays on the proxy") {
  const Sandbox sandbox;
  const Proxy proxy(sandbox);
  const Reply reply = curl({proxy.url("/api/v2/users?pageSize=100")});
  CHECK(reply.field("Link").find("<" + proxy.url("/api/v2/users?")) != std::string::npos);
}

TEST_CASE("an answer that was tried for says how often, and one that was not says nothing") {
  const Sandbox sandbox;
  const Proxy proxy(sandbox, {"--max-retries", "2", "--backoff-base", "1ms"});
  CHECK(curl({proxy.url("/status/500")}).field("Bearer-Proxy-Attempts") == "3");
  CHECK(curl({proxy.url("/status/200")}).field("Bearer-Proxy-Attempts") == "");
  CHECK(curl({proxy.url("/status/501")}).field("Bearer-Proxy-Attempts") == "");
}

TEST_CASE("each event of a stream is there before the next one is sent") {
  const Sandbox tokens;
  Upstream upstream;
  const Proxy proxy(upstream.origin(), tokens);
  Program client({"curl", "--disable", "--noproxy", "*", "--silent", "--no-buffer", "--max-time",
                  kCurlPatience, proxy.url("/events")});
  RawSocket stream = upstream.take_request();
  stream.send("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n");
  for (const std::string event : {"data: one", "data: two", "data: three"}) {
    stream.send(event + "\n\n");
    CHECK(client.read_line() == event);
    CHECK(client.read_line() == "");
  }
  stream.close();
  CHECK(client.wait() == 0);
}
