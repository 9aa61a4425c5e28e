// HTTP/2 to the upstream: node's server, which does what a path asks for, and real ones.
#include <doctest/doctest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <list>
#include <string>
#include <utility>

#include "tests/support/h2_frames.h"
#include "tests/support/raw_message.h"
#include "tests/support/raw_socket.h"
#include "tests/support/reserved_port.h"
#include "tests/support/said.h"
#include "tests/support/source_tree.h"
#include "tests/support/temporary_directory.h"
#include "tests/support/test_ca.h"
#include "tests/system/admin_port.h"
#include "tests/system/curl.h"
#include "tests/system/proxy.h"
#include "tests/system/upstream.h"

using namespace bearer::test;
using Json = nlohmann::json;

namespace {

Strings node(const Strings& arguments) {
  return Strings{"node", source_tree() / "tests/system/http2/server.js"} + arguments;
}

/// A proxy before a server of HTTP/2 alone.
struct World {
  explicit World(const Strings& server_arguments = {}, const std::string& scheme = "http",
                 const Strings& flags = {"--upstream-http", "2"})
      : server(node(server_arguments)),
        proxy(scheme + "://127.0.0.1:" + server.read_line(), tokens, flags) {}
  ~World() { server.close_stdin(); }

  Reply get(const std::string& path, const Strings& arguments = {}) const {
    return curl(Strings{proxy.url(path)} + arguments);
  }
  /// A POST, which no fault but a harmless one may repeat.
  Reply post(const std::string& path, const std::string& body,
             const Strings& arguments = {}) const {
    return curl(Strings{"--data-binary", body, proxy.url(path)} + arguments);
  }
  Json counts() const { return Json::parse(get("/counts").body); }

  const Sandbox tokens;
  Program server;
  Proxy proxy;
};

Strings with_tls(const TestCa& ca, const std::string& version) {
  return {"--ca-file", ca.ca_file(), "--upstream-http", version};
}

/// Reads what a client of HTTP/2 sends, as far as its first request's head.
void read_first_head(RawSocket& socket) {
  socket.read_until("SM\r\n\r\n");
  constexpr std::size_t kFrameHeaderBytes = 9;
  for (;;) {
    const std::string header = socket.read_bytes(kFrameHeaderBytes);
    std::size_t length = 0;
    for (const char byte : header.substr(0, 3))
      length = length * 256 + static_cast<unsigned char>(byte);
    socket.read_bytes(length);
    if (header[3] == static_cast<char>(h2::kHeaders)) return;
  }
}

}  // namespace

TEST_CASE("a server that breaks the rules of HTTP/2 is asked once, and the client is told how") {
  const Sandbox tokens;
  Upstream upstream;
  Proxy proxy(upstream.origin(), tokens, {"--upstream-http", "2", "--backoff-base", "1ms"});
  struct Case {
    std::string answer;
    const char* how;
  };
  const Case cases[] = {
      {h2::data(1, "early", true), "HTTP/2: PROTOCOL_ERROR (DATA"},
      {h2::frame(h2::kHeaders, h2::kEndHeaders, 1, std::string(7, '\xff')),
       "HTTP/2: COMPRESSION_ERROR"},
  };
  for (const Case& c : cases) {
    CAPTURE(c.how);
    RawSocket client = RawSocket::connect(proxy.port());
    client.send(get("/orders"));
    RawSocket socket = upstream.accept();
    socket.send(h2::settings());
    read_first_head(socket);
    socket.send(c.answer);
    const RawMessage reply = read_message(client);
    CHECK(reply.status() == 502);
    CHECK(says(reply.value("Proxy-Status"), "http_protocol_error"));
    CHECK(says(reply.body, "the upstream does not keep to "));
    CHECK(says(reply.body, c.how));
    CHECK(reply.value("Bearer-Proxy-Attempts").empty());
  }
  proxy.end();
}

TEST_CASE("a request of HTTP/1.1 reaches a server that speaks HTTP/2 alone, with its token") {
  const World world;
  const Reply reply = world.get(
      "/plain?a=b", {"-H", "X-Mixed: Case", "-H", "Connection: X-Gone", "-H", "X-Gone: 1"});
  CHECK(reply.status == 200);
  const Json head = Json::parse(reply.body);
  CHECK(head.at(":method") == "GET");
  CHECK(head.at(":path") == "/plain?a=b");
  CHECK(head.at("x-mixed") == "Case");
  CHECK(head.at("authorization").get<std::string>().starts_with("Bearer "));
  for (const char* left_out : {"connection", "x-gone", "host", "transfer-encoding"})
    CHECK_FALSE(head.contains(left_out));
}

TEST_CASE("bodies of every kind come whole through HTTP/2") {
  const World world;
  CHECK(world.get("/sized").body == "hello");
  CHECK(world.get("/nothing").status == 204);
  const Reply empty = world.get("/empty");
  CHECK(empty.status == 200);
  CHECK(empty.field("Content-Length") == "0");
  CHECK(world.get("/sized", {"--head"}).field("Content-Length") == "5");
  CHECK(world.get("/big").body == std::string(8 << 20, 'x'));
  const std::string body(3'000'000, 'b');
  const TemporaryDirectory folder;
  std::ofstream(folder.path("body"), std::ios::binary) << body;
  const std::string file = "@" + folder.path("body");
  CHECK(world.post("/echo", file).body == body);
  CHECK(world.post("/echo", file, {"-H", "Transfer-Encoding: chunked"}).body == body);
}

TEST_CASE("interim responses and trailers pass from HTTP/2 to HTTP/1.1") {
  const World world;
  const Reply early = curl({"-v", world.proxy.url("/early")});
  CHECK(early.error.find("HTTP/1.1 103") != std::string::npos);
  CHECK(early.body == "late");
  const Reply echoed = curl({"-v", "-H", "TE: trailers", "-d", "12345", world.proxy.url("/echo")});
  CHECK(echoed.body.starts_with("12345"));
  CHECK(echoed.body.find("x-bytes: 5") != std::string::npos);  // curl shows them after the body
}

TEST_CASE(
    "a request's trailers reach a server of HTTP/2, but for those that stand in for a head's") {
  const World world;
  RawSocket client = RawSocket::connect(world.proxy.port());
  client.send(
      "PUT /trailed HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n"
      "3\r\nabc\r\n0\r\nX-Checksum: 6\r\nAuthorization: Bearer own\r\nHost: other\r\n\r\n");
  const Json got = Json::parse(read_message(client).body);
  CHECK(got == Json{{"body", "abc"}, {"trailers", {{"x-checksum", "6"}}}});
}

TEST_CASE("the version that the upstream answers in is counted") {
  World world({}, "http", {"--upstream-http", "2", "--admin", "127.0.0.1:0"});
  CHECK(world.get("/sized").status == 200);
  CHECK(world.post("/unauthorized", "x").status == 200);
  admin_port::settle(world.proxy);
  const std::string metrics = curl({world.proxy.admin_url("/metrics")}).body;
  const std::string name = "bearer_proxy_upstream_responses_by_http_total{route=\"/\",http=";
  CHECK(metrics.find(name + "\"2\"} 3\n") != std::string::npos);
  CHECK(metrics.find(name + "\"1.1\"} 0\n") != std::string::npos);
}

TEST_CASE("what the server never processed is sent again, whatever the method, and not counted") {
  const World world({}, "http", {"--upstream-http", "2", "--max-retries", "0"});
  for (const char* path : {"/refused?1", "/goaway?1", "/misdirected?1", "/unauthorized?1"}) {
    CAPTURE(path);
    const Reply reply = world.post(path, "once");
    CHECK(reply.status == 200);
    CHECK(reply.body == "once");
    CHECK(reply.field("Bearer-Proxy-Attempts") == "2");
  }
}

TEST_CASE("a POST whose stream broke off is not sent again, nor is half a response made whole") {
  const World world;
  const Reply broken = world.post("/broken", "once");
  CHECK(broken.status == 502);
  CHECK(broken.body.find("INTERNAL_ERROR") != std::string::npos);
  CHECK(world.get("/cut").exit_status != 0);
}

TEST_CASE("many requests share a connection, as many as the server allows") {
  constexpr int kAtOnce = 12;
  const World world({"--streams", "5"});
  world.get("/sized");
  std::list<Client> clients;
  for (int i = 0; i < kAtOnce; ++i) clients.emplace_back(Strings{world.proxy.url("/twelve")});
  for (Client& client : clients) CHECK(client.reply().body == "held");
  const Json counts = world.counts();
  CHECK(counts.at("sessions") == 3);
  CHECK(counts.at("most") == kAtOnce);
}

TEST_CASE("a WebSocket goes over HTTP/2 where the server takes it") {
  const World world({"--websockets"});
  RawSocket socket = RawSocket::connect(world.proxy.port());
  socket.send(
      "GET /socket HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
      "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n");
  const RawMessage head = read_head(socket);
  CHECK(head.status() == 101);
  CHECK(head.value("x-protocol") == "websocket");
  // The proof of RFC 6455 section 1.3.
  CHECK(head.value("Sec-WebSocket-Accept") == "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
  socket.send("any bytes");
  CHECK(socket.read_bytes(9) == "any bytes");
}

TEST_CASE("by ALPN a server of TLS gets the version of its client, or the one that is set") {
  TestCa ca;
  const Leaf leaf = ca.leaf();
  const Strings tls{"--tls", leaf.key_file, leaf.cert_file};
  const Strings over_2{"--http2-prior-knowledge"};
  const World always(tls, "https", with_tls(ca, "2"));
  CHECK(always.get("/sized").body == "hello");
  CHECK(always.get("/sized", over_2).body == "hello");
  const World as_client(tls, "https", with_tls(ca, "auto"));
  CHECK(as_client.get("/sized").body == "by HTTP/1.1");
  CHECK(as_client.get("/sized", over_2).body == "hello");
  const World never(tls, "https", with_tls(ca, "1.1"));
  CHECK(never.get("/sized", over_2).body == "by HTTP/1.1");
}

TEST_CASE("what a server wants by HTTP/1.1 alone goes so, and the rest stays with HTTP/2") {
  TestCa ca;
  const Leaf leaf = ca.leaf();
  const World world({"--tls", leaf.key_file, leaf.cert_file}, "https", with_tls(ca, "auto"));
  const Strings over_2{"--http2-prior-knowledge"};
  const Reply first = world.post("/old", "once", over_2);
  CHECK(first.body == "by HTTP/1.1");
  CHECK(first.field("Bearer-Proxy-Attempts") == "2");
  const Reply next = world.post("/old?again", "once", over_2);
  CHECK(next.body == "by HTTP/1.1");
  CHECK(next.field("Bearer-Proxy-Attempts").empty());
  CHECK(world.get("/sized", over_2).body == "hello");
}

TEST_CASE("nghttpd, nginx and h2o are asked over HTTP/2") {
  const Sandbox tokens;
  const TemporaryDirectory folder;
  const std::string body(1'000'000, 'y'), root = folder.path("files");
  std::filesystem::create_directory(root);
  std::ofstream(root + "/file") << body;
  std::filesystem::permissions(folder.path(""), std::filesystem::perms(0755));  // h2o drops rights
  const auto conf = [&](const std::string& name, const std::string& text) {
    std::ofstream(folder.path(name)) << text;
    return folder.path(name);
  };
  const std::string user = geteuid() == 0 ? "user: root\n" : "";  // another cannot choose
  for (const std::string server : {"nghttpd", "nginx", "h2o"}) {
    CAPTURE(server);
    if (server == "h2o" && !std::filesystem::exists("/usr/bin/h2o")) {
      MESSAGE("not tried: this release of Debian has no h2o");
      continue;
    }
    const ReservedPort port;
    Strings command{"nghttpd", "--no-tls", "-a", "127.0.0.1", "-d", root, port.number()};
    if (server == "nginx") {
      command = {"nginx", "-p", root, "-c",
                 conf("nginx.conf",
                      "daemon off; master_process off; pid nginx.pid;"
                      "error_log stderr; events {} http { access_log off;"
                      "client_body_temp_path t1; proxy_temp_path t2; fastcgi_temp_path t3;"
                      "uwsgi_temp_path t4; scgi_temp_path t5; server {"
                      "listen 127.0.0.1:" +
                          port.number() + " http2; root " + root + "; } }")};
    } else if (server == "h2o") {
      command = {
          "h2o", "-c",
          conf("h2o.conf", user + "listen: {host: 127.0.0.1, port: " + port.number() +
                               "}\nhosts: {default: {paths: {/: {file.dir: " + root + "}}}}\n")};
    }
    const Program running(command);
    const Proxy proxy(port.origin(), tokens,
                      {"--upstream-http", "2", "--backoff-base", "50ms", "--max-retries", "1000",
                       "--backoff-max", "50ms"});
    CHECK(curl({proxy.url("/file")}).body == body);
    CHECK(curl({proxy.url("/nothing")}).status == 404);
  }
}

TEST_CASE("check says that the upstream was asked over HTTP/2") {
  const Sandbox tokens;
  Program server(node({}));
  Program check(
      Strings{built("bearer-proxy"), "check", "--upstream",
              "http://127.0.0.1:" + server.read_line() + "/sized", "--upstream-http", "2"} +
          credential_of(tokens),
      kSandboxSecret);
  std::string said;
  for (int line = 0; line < 3; ++line) said += check.read_line() + "\n";
  CHECK(check.wait() == 0);
  CHECK(said.find("it answered 200 over HTTP/2") != std::string::npos);
  server.close_stdin();
}

TEST_CASE("a server that speaks HTTP/1.1 alone is named, with the setting") {
  const Sandbox tokens;
  Upstream upstream;
  const Proxy proxy(upstream.origin(), tokens, {"--upstream-http", "2"});
  Client client({proxy.url("/")});
  RawSocket socket = upstream.accept();
  socket.send("HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n");
  const Reply reply = client.reply();
  CHECK(reply.status == 502);
  CHECK(reply.body.find("does not speak HTTP/2") != std::string::npos);
  CHECK(reply.body.find("upstream_http") != std::string::npos);
}

TEST_CASE("a gRPC call's token is renewed, its pushback obeyed, and its end relayed") {
  const World world;
  const Strings grpc{"-H", "Content-Type: application/grpc"};
  for (const char* path : {"/grpc/unauthenticated", "/grpc/unavailable"}) {
    CAPTURE(path);
    const Reply reply = world.post(path, "call", grpc);
    CHECK(reply.body == "call");
    CHECK(reply.field("Bearer-Proxy-Attempts") == "2");
  }
  for (const auto& [path, status] :
       {std::pair{"/grpc/exhausted", "8"}, std::pair{"/grpc/final", "14"}}) {
    CAPTURE(path);
    const Reply reply = world.post(path, "call", grpc);
    CHECK(reply.status == 200);
    CHECK(reply.field("grpc-status") == status);
    CHECK(reply.field("Bearer-Proxy-Attempts") == "");
  }
}

TEST_CASE("a gRPC client gets a grpc-status where the upstream cannot be reached") {
  const Sandbox tokens;
  const Proxy proxy("http://127.0.0.1:1", tokens, {"--upstream-http", "2", "--max-retries", "0"});
  const Reply reply =
      curl({"-d", "call", "-H", "Content-Type: application/grpc", proxy.url("/pets.Pets/Feed")});
  CHECK(reply.status == 200);
  CHECK(reply.field("grpc-status") == "14");
  CHECK(reply.field("grpc-message").find("refused") != std::string::npos);
}

TEST_CASE("a gRPC call that met HTTP/1.1 says which setting it needs") {
  const World world({}, "http", {"--max-retries", "0"});
  const Reply reply = world.post("/echo", "call", {"-H", "Content-Type: application/grpc"});
  CHECK(reply.field("grpc-status") == "14");
  CHECK(reply.field("grpc-message").find("upstream_http") != std::string::npos);
}
