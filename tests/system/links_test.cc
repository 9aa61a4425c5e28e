// Links in what the API answers, followed through the proxy.
#include <doctest/doctest.h>

#include <nlohmann/json.hpp>
#include <string>

#include "tests/support/said.h"
#include "tests/system/curl.h"
#include "tests/system/proxy.h"
#include "tests/system/upstream.h"

using namespace bearer::test;
using Json = nlohmann::json;

TEST_CASE("with --rewrite-body-links who follows nextUri stays on the proxy to the last page") {
  const Sandbox sandbox({"--users", "250"});
  const Proxy proxy(sandbox, {"--rewrite-body-links"});
  std::string url = proxy.url("/api/v2/users?pageSize=100");
  std::size_t users = 0;
  int pages = 0;
  for (; !url.empty(); ++pages) {
    REQUIRE(url.starts_with(proxy.url("/api/v2/users?")));
    const Reply reply = curl({"--compressed", url});
    REQUIRE(reply.status == 200);
    const Json page = Json::parse(reply.body);
    users += page["entities"].size();
    CHECK(page.value("next", "") == page.value("nextUri", ""));
    url = page.value("nextUri", "");
  }
  CHECK(pages == 3);
  CHECK(users == 250);
}

TEST_CASE("without --rewrite-body-links a body passes as it is") {
  const Sandbox sandbox;
  const Proxy proxy(sandbox);
  const Json page = Json::parse(curl({proxy.url("/api/v2/users")}).body);
  CHECK(page["nextUri"].get<std::string>().starts_with(sandbox.url("/")));
}

TEST_CASE("links past the proxy in a JSON body are told once a route, with the setting") {
  const Sandbox sandbox({"--users", "60"});
  Proxy proxy(sandbox);
  CHECK(curl({proxy.url("/echo")}).status == 200);
  for (int i = 0; i < 3; ++i) CHECK(curl({proxy.url("/api/v2/users")}).status == 200);
  const std::string log = proxy.end();
  const std::string line = "a JSON body holds links to the upstream itself";
  CHECK(says(log, line));
  CHECK(says(log, "see --rewrite-body-links"));
  CHECK(says(log, "path=/api/v2/users "));
  CHECK(log.find(line) == log.rfind(line));
}

TEST_CASE("nothing is said of links that are rewritten") {
  const Sandbox sandbox({"--users", "60"});
  Proxy proxy(sandbox, {"--rewrite-body-links"});
  CHECK(curl({proxy.url("/api/v2/users")}).status == 200);
  CHECK_FALSE(says(proxy.end(), "holds links"));
}

TEST_CASE("with --rewrite-body-links all a feed leads back to the proxy") {
  const Sandbox tokens;
  Upstream upstream;
  const Proxy proxy(upstream.origin(), tokens, {"--rewrite-body-links", "all"});
  RawSocket client = RawSocket::connect(proxy.port());
  client.send("GET /feed HTTP/1.1\r\nHost: " + proxy.authority() + "\r\n\r\n");
  const std::string feed = "<feed xmlns=\"" + upstream.origin() + "/ns\"><link href=\"";
  upstream.take_request().send(answer("200 OK",
                                      feed + upstream.origin() + "/feed?page=2\"/></feed>",
                                      "Content-Type: application/atom+xml\r\n"));
  CHECK(read_message(client).body == feed + proxy.url("/feed?page=2\"/></feed>"));
}

TEST_CASE("a field that --address-field names leads back both ways, and no other does") {
  const Sandbox tokens;
  Upstream upstream;
  const Proxy proxy(upstream.origin(), tokens,
                    {"--address-field", "X-Next", "--address-field", "X-Copy-From"});
  RawSocket client = RawSocket::connect(proxy.port());
  client.send("GET /list HTTP/1.1\r\nHost: " + proxy.authority() +
              "\r\nX-Copy-From: version=3 at " + proxy.url("/files/a") + "\r\nX-Else: at " +
              proxy.url("/files/b") + "\r\n\r\n");
  RawSocket served = upstream.accept();
  const RawMessage request = read_message(served);
  CHECK(request.value("X-Copy-From") == "version=3 at " + upstream.origin() + "/files/a");
  CHECK(request.value("X-Else") == "at " + proxy.url("/files/b"));
  served.send(answer("200 OK", "[]",
                     "x-next: page=2; url=" + upstream.origin() + "/list?page=2\r\n" +
                         "X-Self: this is " + upstream.origin() + "/list\r\n"));
  const RawMessage reply = read_message(client);
  CHECK(reply.value("x-next") == "page=2; url=" + proxy.url("/list?page=2"));
  CHECK(reply.value("X-Self") == "this is " + upstream.origin() + "/list");
}

TEST_CASE("with --rewrite-body-links a link that a client sends back reaches the API as its own") {
  const Sandbox tokens;
  Upstream upstream;
  const Proxy proxy(upstream.origin() + "/v4", tokens, {"--rewrite-body-links"});
  const std::string own = upstream.origin() + "/v4/jobs/7?after=x";
  RawSocket client = RawSocket::connect(proxy.port());
  const std::string host = "Host: " + proxy.authority() + "\r\n";
  client.send("GET /jobs HTTP/1.1\r\n" + host + "\r\n");
  RawSocket served = upstream.take_request();
  served.send(answer("200 OK", "{\"next\":\"" + own + "\"}", "Content-Type: application/json\r\n"));
  const std::string page = read_message(client).body;
  CHECK(page == "{\"next\":\"" + proxy.url("/jobs/7?after=x") + "\"}");
  client.send("POST /jobs/more HTTP/1.1\r\n" + host +
              "Content-Type: application/json\r\nContent-Length: " + std::to_string(page.size()) +
              "\r\n\r\n" + page);
  const RawMessage request = read_message(served);
  CHECK(request.body == "{\"next\":\"" + own + "\"}");
  CHECK(request.value("Content-Length") == std::to_string(request.body.size()));
}
