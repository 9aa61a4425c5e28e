// The token endpoint's client against servers that speak properly, and against some that do not.
#include <doctest/doctest.h>
#include <httplib.h>

#include <atomic>
#include <chrono>
#include <future>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <utility>

#include "tests/support/eventually.h"
#include "tests/support/finished.h"
#include "tests/support/patience.h"
#include "tests/support/raw_server.h"
#include "tests/support/reserved_port.h"
#include "tests/support/test_ca.h"
#include "token/oauth/endpoint.h"

using namespace bearer;
using namespace std::chrono_literals;
using base::Errc;

namespace {

token::EndpointOptions options(const std::string& host, int port, bool tls = false,
                               std::string ca_file = {}) {
  return {.url = {.tls = tls,
                  .host = host,
                  .port = static_cast<std::uint16_t>(port),
                  .path = "/oauth/token?x=1"},
          .ca_file = std::move(ca_file),
          .connect_timeout = test::kPatience,
          .answer_timeout = test::kPatience};
}

const token::TokenRequest& request() {
  static const token::TokenRequest made{base::Secret("Basic aWQ6cw=="),
                                        base::Secret("grant_type=client_credentials")};
  return made;
}

base::Result<token::Answer> post(const token::EndpointOptions& options,
                                 net::Resolver::Lookup lookup = net::resolve) {
  net::Loop loop(base::system_clock());
  net::Resolver resolver(std::move(lookup));
  return test::finished(loop, token::make_http_endpoint(options, loop, resolver)->send(request()));
}

/// What a server that says `bytes` and then closes is understood as.
base::Result<token::Answer> answer_to(const std::string& bytes) {
  const test::RawServer server([&](test::RawConnection& connection) {
    connection.read_until("client_credentials");
    connection.write(bytes);
  });
  return post(options("127.0.0.1", server.port()));
}

/// cpp-httplib's server, plain or TLS, on a port of its own.
class Server {
 public:
  explicit Server(std::unique_ptr<httplib::Server> server) : server_(std::move(server)) {
    server_->Post("/oauth/token", [](const httplib::Request& asked, httplib::Response& response) {
      response.set_header("Date", "Sun, 06 Nov 1994 08:49:37 GMT");
      response.set_header("Retry-After", "7");
      response.set_content(asked.get_header_value("Authorization") + "|" +
                               asked.get_header_value("Host") + "|" +
                               asked.get_header_value("Content-Type") + "|" + asked.body,
                           "application/json");
    });
    port_ = server_->bind_to_any_port("127.0.0.1");
    thread_ = std::thread([this] { server_->listen_after_bind(); });
    CHECK(test::eventually([this] { return server_->is_running(); }));
  }
  ~Server() {
    server_->stop();
    thread_.join();
  }
  int port() const { return port_; }

 private:
  std::unique_ptr<httplib::Server> server_;
  int port_ = 0;
  std::thread thread_;
};

std::unique_ptr<httplib::Server> tls_server(const test::Leaf& leaf) {
  return std::make_unique<httplib::SSLServer>(leaf.cert_file.c_str(), leaf.key_file.c_str());
}

}  // namespace

TEST_CASE("a form is posted and its answer read, with the moment it was sent") {
  const Server server(std::make_unique<httplib::Server>());
  const base::Instant before = base::system_clock().now();
  const auto answer = post(options("localhost", server.port()));
  REQUIRE(answer.has_value());
  CHECK(answer->status == 200);
  CHECK(answer->content_type == "application/json");
  CHECK(answer->body.reveal() == "Basic aWQ6cw==|localhost:" + std::to_string(server.port()) +
                                     "|application/x-www-form-urlencoded|"
                                     "grant_type=client_credentials");
  CHECK(answer->date == std::chrono::sys_seconds(784'111'777s));
  CHECK(answer->retry_after == base::Duration(7s));
  CHECK(answer->sent >= before);
  CHECK(answer->sent <= base::system_clock().now());
}

TEST_CASE("over TLS a certificate of the given authority is trusted, for a name and an address") {
  test::TestCa ca;
  const Server server(tls_server(ca.leaf()));
  for (const char* host : {"localhost", "127.0.0.1"}) {
    CAPTURE(host);
    const auto answer = post(options(host, server.port(), true, ca.ca_file()));
    REQUIRE(answer.has_value());
    CHECK(answer->status == 200);
  }
}

TEST_CASE("no secret is sent to a server whose certificate is not trusted") {
  test::TestCa ca;
  test::TestCa other;
  struct Case {
    const char* what;
    test::Leaf leaf;
    std::string ca_file;
    const char* reason;
    const char* fix;
  };
  const Case cases[] = {
      {"another authority", ca.leaf(), other.ca_file(), "unable to get local issuer",
       "check ca_file"},
      {"the system's store", ca.leaf(), "", "unable to get local issuer", "set ca_file"},
      {"another host", ca.leaf({"DNS:other.example"}), ca.ca_file(), "ostname mismatch",
       "name the host as the certificate does"},
      {"a common name alone", ca.leaf({}), ca.ca_file(), "ostname mismatch: its subjectAltName",
       "name the host as the certificate does"},
      {"a wildcard of all", ca.leaf({"DNS:*"}), ca.ca_file(), "ostname mismatch",
       "name the host as the certificate does"},
      {"expired", ca.leaf({"DNS:localhost"}, true), ca.ca_file(), "expired", "renewed"},
  };
  for (const Case& c : cases) {
    CAPTURE(c.what);
    const Server server(tls_server(c.leaf));
    const auto answer = post(options("localhost", server.port(), true, c.ca_file));
    REQUIRE_FALSE(answer.has_value());
    CHECK(base::name(answer.error().code) == base::name(Errc::token_unreachable));
    CHECK(answer.error().detail.find("is not trusted") != std::string::npos);
    CHECK(answer.error().detail.find(c.reason) != std::string::npos);
    CHECK(answer.error().fix.find(c.fix) != std::string::npos);
  }
}

TEST_CASE("an unusable ca_file is named") {
  const auto answer = post(options("localhost", 1, true, "/nonexistent/ca.pem"));
  REQUIRE_FALSE(answer.has_value());
  CHECK(answer.error().detail.find("/nonexistent/ca.pem") != std::string::npos);
  CHECK(answer.error().fix == "check ca_file");
}

TEST_CASE("a port that does not speak TLS is said not to") {
  const Server server(std::make_unique<httplib::Server>());
  const auto answer = post(options("localhost", server.port(), true));
  REQUIRE_FALSE(answer.has_value());
  CHECK(answer.error().detail.find("TLS handshake") != std::string::npos);
}

TEST_CASE("a port that speaks TLS and was asked in plain http is said to, with what to write") {
  const auto answer = answer_to(
      "HTTP/1.1 400 Bad Request\r\nServer: nginx\r\nContent-Type: text/html\r\n"
      "Connection: close\r\n\r\n<html><head><title>400 The plain HTTP request was sent to HTTPS "
      "port</title></head></html>");
  REQUIRE_FALSE(answer.has_value());
  CHECK(answer.error().code == Errc::token_malformed);
  CHECK(answer.error().sentence() ==
        "the token endpoint answered 400: this port speaks TLS, and was asked in plain http: write "
        "https:// in token_url");
  CHECK(answer_to("HTTP/1.1 400 Bad Request\r\nContent-Length: 2\r\n\r\n{}")->status == 400);
}

TEST_CASE("a refused connection and an unknown name say so and name token_url") {
  const test::ReservedPort nobody;
  const auto refused = post(options("127.0.0.1", nobody.port()));
  REQUIRE_FALSE(refused.has_value());
  CHECK(base::name(refused.error().code) == base::name(Errc::token_unreachable));
  CHECK(refused.error().detail.find("refused the connection") != std::string::npos);

  const auto unknown =
      post(options("no-such-host.invalid", nobody.port()),
           [](const std::string&, std::uint16_t) -> base::Result<net::SocketAddresses> {
             return base::Error{Errc::resolve_failed, "Name or service not known"};
           });
  REQUIRE_FALSE(unknown.has_value());
  CHECK(unknown.error().detail.find("was not resolved") != std::string::npos);
  CHECK(unknown.error().fix.find("token_url") != std::string::npos);
}

TEST_CASE("an answer may come in any of HTTP's framings, and after interim ones") {
  for (const std::string& bytes : {
           std::string("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nbody"),
           std::string("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
                       "1\r\nb\r\n3;x=y\r\nody\r\n0\r\nT: 1\r\n\r\n"),
           std::string("HTTP/1.1 200 OK\r\n\r\nbody"),
           std::string("HTTP/1.0 200\r\n\r\nbody"),
           std::string("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n"
                       "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nbody"),
       }) {
    CAPTURE(bytes);
    const auto answer = answer_to(bytes);
    REQUIRE(answer.has_value());
    CHECK(answer->status == 200);
    CHECK(answer->body.reveal() == "body");
  }
}

TEST_CASE("a redirect is an answer and is not followed") {
  const auto answer =
      answer_to("HTTP/1.1 307 Away\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n");
  REQUIRE(answer.has_value());
  CHECK(answer->status == 307);
}

TEST_CASE("an answer that is cut short is never taken for whole") {
  for (const char* bytes : {"", "HTTP/1.1 200 OK\r\nContent-Le", "HTTP/1.1 100 Continue\r\n\r\n",
                            "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nbody",
                            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nbody\r\n"}) {
    CAPTURE(bytes);
    const auto answer = answer_to(bytes);
    REQUIRE_FALSE(answer.has_value());
    CHECK(base::name(answer.error().code) == base::name(Errc::token_unreachable));
    CHECK(answer.error().detail.find("closed the connection") != std::string::npos);
  }
}

TEST_CASE(
    "an answer that is not HTTP, or too large, is malformed and neither crashes nor grows us") {
  for (const std::string& bytes :
       {std::string("SSH-2.0-OpenSSH_9.2\r\n\r\n"), std::string("HTTP/2 200\r\n\r\n"),
        std::string("HTTP/1.1 200 OK\r\nContent-Length: 4\r\nContent-Length: 5\r\n\r\nbody"),
        std::string("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n"),
        "HTTP/1.1 200 " + std::string(400'000, 'x') + "\r\n\r\n",
        "HTTP/1.1 200 OK\r\nX: " + std::string(400'000, 'x') + "\r\n\r\n",
        "HTTP/1.1 200 OK\r\n\r\n" + std::string(2'000'000, 'x'),
        "HTTP/1.1 200 OK\r\nContent-Length: 9999999999\r\n\r\n" + std::string(2'000'000, 'x')}) {
    CAPTURE(bytes.substr(0, 60));
    const auto answer = answer_to(bytes);
    REQUIRE_FALSE(answer.has_value());
    CHECK(base::name(answer.error().code) == base::name(Errc::token_malformed));
    CHECK(answer.error().fix == "check token_url");
  }
}

TEST_CASE("the whole answer is bounded in time, also where bytes keep dripping") {
  std::atomic<bool> over = false;
  const test::RawServer server([&](test::RawConnection& connection) {
    connection.write("HTTP/1.1 200 OK\r\n\r\n");
    while (!over && connection.write("x")) std::this_thread::sleep_for(1ms);
  });
  token::EndpointOptions bounded = options("127.0.0.1", server.port());
  bounded.answer_timeout = 50ms;
  const auto answer = post(bounded);
  over = true;
  REQUIRE_FALSE(answer.has_value());
  CHECK(answer.error().detail == "the token endpoint sent no whole answer within 50 ms");
}

TEST_CASE("a server that says nothing is given up in time") {
  const test::RawServer server([](test::RawConnection& connection) { connection.await_end(); });
  token::EndpointOptions bounded = options("127.0.0.1", server.port());
  bounded.answer_timeout = 50ms;
  const auto answer = post(bounded);
  REQUIRE_FALSE(answer.has_value());
  CHECK(base::name(answer.error().code) == base::name(Errc::token_unreachable));
  CHECK(answer.error().detail == "the token endpoint sent no whole answer within 50 ms");

  token::EndpointOptions silent_tls = options("127.0.0.1", server.port(), true);
  silent_tls.connect_timeout = 50ms;
  const auto unshaken = post(silent_tls);
  REQUIRE_FALSE(unshaken.has_value());
  CHECK(unshaken.error().detail.find("no connection") != std::string::npos);
}

TEST_CASE("a request whose task is destroyed closes its connection") {
  std::atomic<bool> asked = false;
  std::promise<void> closed;
  const test::RawServer server([&](test::RawConnection& connection) {
    connection.read_until("client_credentials");
    asked = true;
    connection.await_end();
    closed.set_value();
  });
  token::EndpointOptions patient = options("127.0.0.1", server.port());
  patient.connect_timeout = patient.answer_timeout = std::chrono::hours(1);
  net::Loop loop(base::system_clock());
  net::Resolver resolver;
  const auto endpoint = token::make_http_endpoint(patient, loop, resolver);
  std::optional<base::Result<token::Answer>> answer;
  {
    net::Task<void> task = test::keep(endpoint->send(request()), answer);
    task.start();
    while (!asked) test::turn(loop);
  }
  closed.get_future().wait();
  CHECK_FALSE(answer.has_value());
}

TEST_CASE("a lookup that outlives its request harms nobody, and the next one is answered") {
  std::promise<void> go;
  const test::RawServer server([](test::RawConnection& connection) {
    connection.read_until("client_credentials");
    connection.write("HTTP/1.1 204 No Content\r\n\r\n");
  });
  std::atomic<bool> first = true;
  token::EndpointOptions hurried = options("hung.test", server.port());
  hurried.connect_timeout = 100ms;
  net::Loop loop(base::system_clock());
  net::Resolver resolver([&](const std::string&, std::uint16_t port) {
    if (first.exchange(false)) go.get_future().wait();
    return net::resolve("127.0.0.1", port);
  });
  const auto endpoint = token::make_http_endpoint(hurried, loop, resolver);
  const auto ask = [&] { return test::finished(loop, endpoint->send(request())); };
  const auto given_up = ask();
  REQUIRE(given_up.has_error());
  CHECK(given_up.error().detail.find("looking up hung.test") != std::string::npos);
  // On a stack of its own: nothing of the first request is there by luck.
  std::thread([&] {
    go.set_value();
    std::optional<base::Result<token::Answer>> answered;
    CHECK(test::eventually([&] { return answered.emplace(ask()).has_value(); }));
    REQUIRE(answered->has_value());
    CHECK((*answered)->status == 204);
  }).join();
}
