// The token endpoint behind a company's proxy.
#include <doctest/doctest.h>

#include <string>

#include "tests/support/finished.h"
#include "tests/support/patience.h"
#include "tests/support/raw_server.h"
#include "tests/support/reserved_port.h"
#include "token/oauth/endpoint.h"

using namespace bearer;

namespace {

base::Result<token::Answer> post(const std::string& host, std::uint16_t port,
                                 const net::EgressOptions& egress) {
  const token::EndpointOptions options{
      .url = {.tls = false, .host = host, .port = port, .path = "/t"},
      .ca_file = "",
      .egress = egress,
      .connect_timeout = test::kPatience,
      .answer_timeout = test::kPatience};
  net::Loop loop(base::system_clock());
  net::Resolver resolver;
  const token::TokenRequest request{.form = base::Secret("grant_type=x")};
  return test::finished(loop, token::make_http_endpoint(options, loop, resolver)->send(request));
}

net::EgressOptions by(const test::RawServer& proxy) {
  return {{"127.0.0.1", proxy.port(), base::Secret("Basic dTpw")}};
}

}  // namespace

TEST_CASE("the endpoint is reached by a tunnel, and only the proxy resolves its name") {
  std::string asked;
  test::RawServer proxy([&](test::RawConnection& connection) {
    asked = connection.read_until("\r\n\r\n");
    connection.write("HTTP/1.1 200 Connection established\r\n\r\n");
    asked += connection.read_until("grant_type=x");
    connection.write("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi");
  });
  const auto answer = post("login.invalid", 8443, by(proxy));
  REQUIRE(answer.has_value());
  CHECK(answer->body.reveal() == "hi");
  CHECK(
      asked.starts_with("CONNECT login.invalid:8443 HTTP/1.1\r\nHost: login.invalid:8443\r\n"
                        "Proxy-Authorization: Basic dTpw\r\n\r\nPOST /t HTTP/1.1\r\n"));
  CHECK(asked.find("Proxy-Authorization", asked.find("POST")) == std::string::npos);
}

TEST_CASE("a proxy that refuses or is not there is named, with the settings to look at") {
  test::RawServer proxy([](test::RawConnection& connection) {
    connection.read_until("\r\n\r\n");
    connection.write("HTTP/1.1 407 Who\r\n\r\n");
  });
  const auto refused = post("login.invalid", 8443, by(proxy));
  REQUIRE_FALSE(refused.has_value());
  CHECK(refused.error().sentence() ==
        "the token endpoint login.invalid:8443 cannot be reached through the egress proxy "
        "127.0.0.1:" +
            std::to_string(proxy.port()) +
            ": it answered CONNECT with 407: check egress_proxy or HTTPS_PROXY, and NO_PROXY");
  CHECK(base::name(refused.error().code) == "token_unreachable");

  const test::ReservedPort nobody;
  const auto dead = post("login.invalid", 8443, {{"127.0.0.1", nobody.port()}});
  REQUIRE_FALSE(dead.has_value());
  CHECK(dead.error().detail.find("Connection refused") != std::string::npos);
  CHECK(dead.error().fix.find("egress_proxy") != std::string::npos);
}

TEST_CASE("an endpoint on loopback is never reached by the proxy") {
  test::RawServer endpoint([](test::RawConnection& connection) {
    connection.read_until("grant_type=x");
    connection.write("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi");
  });
  test::RawServer proxy([](test::RawConnection&) {});
  CHECK(post("localhost", endpoint.port(), by(proxy)).has_value());
  CHECK(proxy.connections() == 0);
}
