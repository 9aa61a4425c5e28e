// Links inside bodies, where the route has them rewritten.
#include <doctest/doctest.h>

#include <chrono>
#include <string>

#include "tests/integration/relay/stage.h"

using namespace bearer;
using namespace bearer::test;

namespace {

constexpr const char* kJsonType = "Content-Type: application/json\r\n";

void rewriting(Stage::Settings& settings) {
  settings.route().rewrite_body_links = relay::BodyLinks::json;
}

std::string page(const std::string& origin) {
  return R"({"next":")" + origin + R"(/users?page=2","https://x/":"/users"})";
}
std::string upstream_page(const Stage& stage) {
  return page("http://" + stage.upstream_authority());
}
constexpr const char* kOwnOrigin = "http://localhost";  // as get() addresses the proxy

}  // namespace

TEST_CASE("a link in a JSON body stays on the proxy, whose length is no longer said") {
  Stage stage(rewriting);
  RawSocket client = stage.client();
  client.send(get("/", "accept-encoding: gzip, br\r\nAccept: */*\r\n"));
  RawSocket upstream = stage.upstream.accept();
  const RawMessage request = read_message(upstream);
  CHECK(request.has("Accept-Encoding: identity"));
  CHECK(request.fields.find("gzip") == std::string::npos);
  upstream.send(answer("200 OK", upstream_page(stage),
                       std::string(kJsonType) + "Content-MD5: x\r\nETag: \"e\"\r\n"));
  const RawMessage response = read_message(client);
  CHECK(response.body == page(kOwnOrigin));
  CHECK(response.has("Transfer-Encoding: chunked"));
  CHECK(response.value("Content-Length") == "");
  CHECK(response.value("Content-MD5") == "");
  CHECK(response.has("ETag: \"e\""));

  client.send(get());  // the connections go on
  read_message(upstream);
  upstream.send(answer("200 OK", "plain"));
  CHECK(read_message(client).body == "plain");
}

TEST_CASE("a link that comes in two pieces is waited for, what comes before it is not") {
  Stage stage(rewriting);
  RawSocket client = stage.client();
  client.send(get());
  RawSocket upstream = stage.take_request();
  const std::string whole = upstream_page(stage);
  const std::size_t cut = whole.find("//");
  upstream.send("HTTP/1.1 200 OK\r\n" + std::string(kJsonType) +
                "Transfer-Encoding: chunked\r\n\r\n" + chunk(whole.substr(0, cut)));
  read_head(client);
  CHECK(client.read_until("\"\r\n") == chunk(R"({"next":")"));
  upstream.send(chunk(whole.substr(cut)) + chunk(""));
  const std::string rest = page(kOwnOrigin).substr(9);
  CHECK(client.read_until("0\r\n\r\n") == chunk(rest) + "0\r\n\r\n");
}

TEST_CASE("what is no plain JSON passes untouched, length and all") {
  Stage stage(rewriting);
  RawSocket client = stage.client();
  const std::string body = upstream_page(stage);
  struct Answer {
    const char* status;
    std::string fields;
  };
  RawSocket upstream(-1);
  bool connected = false;
  for (const Answer& a : {Answer{"200 OK", "Content-Type: text/plain\r\n"}, Answer{"200 OK", ""},
                          Answer{"200 OK", std::string(kJsonType) + "Content-Encoding: gzip\r\n"},
                          Answer{"206 Partial Content", kJsonType}}) {
    CAPTURE(a.status);
    CAPTURE(a.fields);
    client.send(get());
    if (!connected) upstream = stage.upstream.accept();
    connected = true;
    read_message(upstream);
    upstream.send(answer(a.status, body, a.fields));
    const RawMessage response = read_message(client);
    CHECK(response.body == body);
    CHECK(response.value("Content-Length") == std::to_string(body.size()));
  }
}

TEST_CASE("without the setting, JSON passes untouched and the client's encodings are asked for") {
  Stage stage;
  RawSocket client = stage.client();
  client.send(get("/", "Accept-Encoding: gzip\r\n"));
  RawSocket upstream = stage.upstream.accept();
  CHECK(read_message(upstream).has("Accept-Encoding: gzip"));
  upstream.send(answer("200 OK", upstream_page(stage), kJsonType));
  const RawMessage response = read_message(client);
  CHECK(response.body == upstream_page(stage));
  CHECK(response.value("Content-Length") != "");
}

TEST_CASE("the answer to a HEAD says no length that its GET would not have") {
  Stage stage(rewriting);
  RawSocket client = stage.client();
  client.send("HEAD / HTTP/1.1\r\nHost: localhost\r\n\r\n");
  RawSocket upstream = stage.take_request();
  upstream.send("HTTP/1.1 200 OK\r\n" + std::string(kJsonType) + "Content-Length: 99\r\n\r\n");
  CHECK(read_head(client).value("Content-Length") == "");
  client.send(get());
  read_message(upstream);
  upstream.send(answer("200 OK", "x"));
  CHECK(read_message(client).body == "x");
}

TEST_CASE("an HTTP/1.0 client gets relinked JSON until the connection ends") {
  Stage stage(rewriting);
  RawSocket client = stage.client();
  client.send("GET / HTTP/1.0\r\nHost: localhost\r\nConnection: keep-alive\r\n\r\n");
  RawSocket upstream = stage.take_request();
  upstream.send(answer("200 OK", upstream_page(stage), kJsonType));
  CHECK(read_head(client).has("Connection: close"));
  CHECK(client.read_to_end() == page(kOwnOrigin));
}

TEST_CASE("JSON that is cut in the middle of a link never looks whole") {
  Stage stage(rewriting);
  RawSocket client = stage.client();
  client.send(get());
  RawSocket upstream = stage.take_request();
  const std::string cut = R"({"next":"http://127.0.)";
  upstream.send("HTTP/1.1 200 OK\r\n" + std::string(kJsonType) + "Content-Length: 999\r\n\r\n" +
                cut);
  read_head(client);
  client.read_until("next");
  upstream.close();
  const std::string rest = client.read_to_end();
  CHECK(rest.ends_with("http://127.0.\r\n"));  // the last chunk is missing
}

TEST_CASE("links in markup stay on the proxy where all bodies are rewritten, and only there") {
  struct Case {
    const char* type;
    std::string before, after;  // of the origin
  };
  for (const bool all : {true, false}) {
    for (const Case& c :
         {Case{"application/atom+xml", "<feed xmlns=\"http://www.w3.org/2005/Atom\"><link href=\"",
               "/e(2)\"/></feed>"},
          Case{"text/xml; charset=utf-8", "<address location=\"", "/soap\"/>"},
          Case{"text/html", "<a href='", "/files'>files</a>"}}) {
      CAPTURE(c.type);
      Stage stage([&](Stage::Settings& settings) {
        settings.route().rewrite_body_links = all ? relay::BodyLinks::all : relay::BodyLinks::json;
      });
      RawSocket client = stage.client();
      client.send(get());
      RawSocket upstream = stage.take_request();
      const std::string at_upstream = c.before + "http://" + stage.upstream_authority() + c.after;
      upstream.send(answer("200 OK", at_upstream, "Content-Type: " + std::string(c.type) + "\r\n"));
      const RawMessage response = read_message(client);
      CHECK(response.body == (all ? c.before + kOwnOrigin + c.after : at_upstream));
      CHECK(response.value("Content-Length").empty() == all);
    }
  }
}

namespace {

std::string batch_of_requests(const std::string& origin, const std::string& host) {
  return "--q7\r\nContent-Type: application/http\r\n\r\nPATCH " + origin +
         "/orders(7) HTTP/1.1\r\nHost: " + host +
         "\r\nContent-Type: application/json\r\n\r\n{\"customer@odata.bind\":\"" + origin +
         "/customers(3)\"}\r\n--q7--\r\n";
}
std::string batch_of_responses(const std::string& origin) {
  return "--r5\r\nContent-Type: application/http\r\n\r\nHTTP/1.1 200 OK\r\nContent-Type: "
         "application/json\r\nOData-EntityId: " +
         origin + "/orders(7)\r\n\r\n{\"@odata.nextLink\":\"" + origin +
         "/orders?$skip=9\"}\r\n--r5--\r\n";
}
constexpr const char* kBatchType = "Content-Type: multipart/mixed; boundary=q7\r\n";

}  // namespace

TEST_CASE(
    "a batch is addressed to the upstream, again in its replay, and its answers to the proxy") {
  Stage stage(rewriting);
  stage.tokens.issue_when_rejected({"two"});
  const std::string sent = batch_of_requests("http://localhost", "localhost");
  const std::string meant =
      batch_of_requests("http://" + stage.upstream_authority(), stage.upstream_authority());
  RawSocket client = stage.client();
  client.send(post(sent, kBatchType));
  RawSocket upstream = stage.upstream.accept();
  const RawMessage first = read_message(upstream);
  CHECK(first.body == meant);
  CHECK(first.value("Content-Length") == std::to_string(meant.size()));
  upstream.send(answer("401 Unauthorized"));
  CHECK(read_message(upstream).body == meant);
  const std::string answered = batch_of_responses("http://" + stage.upstream_authority());
  upstream.send(answer("200 OK", answered, "Content-Type: multipart/mixed;boundary=\"r5\"\r\n"));
  CHECK(read_message(client).body == batch_of_responses(kOwnOrigin));

  client.send(post_chunked(sent, kBatchType));  // the connections go on
  CHECK(read_message(upstream).body == meant);
  upstream.send(answer("204 No Content"));
  CHECK(read_head(client).status() == 204);
}

TEST_CASE("without the setting a batch passes as it is, length and all") {
  Stage stage;
  const std::string sent = batch_of_requests("http://localhost", "localhost");
  RawSocket client = stage.client();
  client.send(post(sent, kBatchType));
  RawSocket upstream = stage.upstream.accept();
  const RawMessage request = read_message(upstream);
  CHECK(request.body == sent);
  CHECK(request.value("Content-Length") == std::to_string(sent.size()));
}

namespace {

/// A client sends back what it got: an id, and a page to go on from. A text is no link.
std::string cursor(const std::string& id, const std::string& after) {
  return R"({"id":")" + id + R"(/jobs/8","after":")" + after +
         R"(\/jobs?p=3","note":"see http://localhost/x"})";
}

void with_two_routes(Stage::Settings& settings) {
  rewriting(settings);
  settings.route().upstream.path = "/api/v2/";
  settings.routes.push_back(settings.route());
  settings.routes.back().path = "/erp/";
  settings.routes.back().upstream.path = "/erp-base/";
  settings.routes.back().strip_prefix = true;
}

}  // namespace

TEST_CASE("links of ours in the JSON of a request become the upstream's, also in its replay") {
  Stage stage([](Stage::Settings& settings) {
    rewriting(settings);
    settings.route().upstream.path = "/v3/";
  });
  stage.tokens.issue_when_rejected({"two"});
  const std::string there = "http://" + stage.upstream_authority() + "/v3";
  const std::string sent = cursor("http://localhost", R"(HTTP:\/\/localhost)");
  const std::string meant = cursor(there, there);
  RawSocket client = stage.client();
  client.send(post(sent, std::string(kJsonType) + "Content-MD5: x\r\n"));
  RawSocket upstream = stage.upstream.accept();
  const RawMessage first = read_message(upstream);
  CHECK(first.body == meant);
  CHECK(first.value("Content-Length") == std::to_string(meant.size()));
  CHECK(first.value("Transfer-Encoding").empty());
  CHECK(first.value("Content-MD5").empty());
  upstream.send(answer("401 Unauthorized"));
  const RawMessage replay = read_message(upstream);
  CHECK(replay.body == meant);
  CHECK(replay.has("Authorization: Bearer two"));
  CHECK(replay.value("Content-Length") == std::to_string(meant.size()));
  upstream.send(answer("201 Created"));
  CHECK(read_message(client).status() == 201);

  client.send(post_chunked(sent, kJsonType));  // the connections go on
  const RawMessage chunks = read_message(upstream);
  CHECK(chunks.body == meant);
  CHECK(chunks.has("Transfer-Encoding: chunked"));
  upstream.send(answer("204 No Content"));
  CHECK(read_head(client).status() == 204);
}

TEST_CASE("a link in a request leads to the upstream of its own path, not of the request's") {
  Stage stage(with_two_routes);
  const std::string host = "http://" + stage.upstream_authority();
  RawSocket client = stage.client();
  client.send("PUT /erp/a HTTP/1.1\r\nHost: localhost\r\nDestination: http://localhost/b\r\n" +
              std::string(kJsonType) +
              "Content-Length: 45\r\n\r\n[\"http://localhost/c\",\"http://localhost/erp\"]");
  RawSocket upstream = stage.upstream.accept();
  const RawMessage request = read_message(upstream);
  CHECK(request.start_line == "PUT /erp-base/a HTTP/1.1");
  CHECK(request.has("Destination: " + host + "/api/v2/b"));
  CHECK(request.body == "[\"" + host + "/api/v2/c\",\"" + host + "/erp-base/\"]");
}

TEST_CASE("a short JSON body is waited for and keeps a length, a long one streams in chunks") {
  Stage stage(rewriting);
  RawSocket client = stage.client();
  const std::string head = "POST /a HTTP/1.1\r\nHost: localhost\r\n" + std::string(kJsonType);
  client.send(head + "Expect: 100-continue\r\nContent-Length: 24\r\n\r\n");
  CHECK(read_head(client).status() == 100);
  client.send("[\"http://lo");
  stage.settle();
  CHECK(stage.upstream.quiet());
  client.send("calhost/j/5\"]");
  RawSocket upstream = stage.upstream.accept();
  const RawMessage request = read_message(upstream);
  const std::string meant = "[\"http://" + stage.upstream_authority() + "/j/5\"]";
  CHECK(request.body == meant);
  CHECK(request.value("Content-Length") == std::to_string(meant.size()));
  CHECK(request.value("Expect").empty());
  upstream.send(answer("200 OK"));
  read_message(client);

  const std::string padding(64u << 10, ' ');
  client.send(head + "Content-Length: " + std::to_string(24 + padding.size()) +
              "\r\n\r\n[\"http://lo");
  CHECK(read_head(upstream).has("Transfer-Encoding: chunked"));
  client.send("calhost/j/6\"]" + padding);
  CHECK(upstream.read_until("\r\n0\r\n\r\n").find("/j/6") != std::string::npos);
  upstream.send(answer("200 OK"));
  CHECK(read_message(client).status() == 200);
}

TEST_CASE("a short JSON body that stops coming gets a 408, and nothing is sent of it") {
  Stage stage([](Stage::Settings& settings) {
    rewriting(settings);
    settings.route().idle_timeout = std::chrono::seconds(4);
  });
  RawSocket client = stage.client();
  client.send("PUT / HTTP/1.1\r\nHost: localhost\r\n" + std::string(kJsonType) +
              "Content-Length: 9\r\n\r\n[1,");
  stage.settle();
  stage.advance(std::chrono::seconds(3));
  client.send("2,");
  stage.settle();
  stage.advance(std::chrono::seconds(3));
  CHECK(client.quiet());
  stage.advance(std::chrono::seconds(1));
  CHECK(read_message(client).status() == 408);
  CHECK(stage.upstream.quiet());

  RawSocket leaver = stage.client();
  leaver.send("PUT / HTTP/1.1\r\nHost: localhost\r\n" + std::string(kJsonType) +
              "Content-Length: 9\r\n\r\n[1,");
  stage.settle();
  leaver.close();
  CHECK_FALSE(stage.seen.exchange(2).whole);
  CHECK(stage.upstream.quiet());
}

TEST_CASE("what a client sends that is no plain JSON passes as it is, length and all") {
  const std::string body = page(kOwnOrigin);
  Stage stage([](Stage::Settings& settings) {
    settings.route().rewrite_body_links = relay::BodyLinks::all;
  });
  RawSocket client = stage.client();
  RawSocket upstream(-1);
  bool connected = false;
  for (const std::string& type : {std::string("Content-Type: text/plain\r\n"), std::string(),
                                  std::string("Content-Type: application/xml\r\n"),
                                  kJsonType + std::string("Content-Encoding: br\r\n")}) {
    CAPTURE(type);
    client.send(post(body, type));
    if (!connected) upstream = stage.upstream.accept();
    connected = true;
    const RawMessage request = read_message(upstream);
    CHECK(request.body == body);
    CHECK(request.value("Content-Length") == std::to_string(body.size()));
    upstream.send(answer("200 OK"));
    read_message(client);
  }
  // So does JSON without the setting.
  Stage off;
  RawSocket plain = off.client();
  plain.send(post(body, kJsonType));
  RawSocket there = off.upstream.accept();
  CHECK(read_message(there).body == body);
}
