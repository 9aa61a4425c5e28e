#include "app/upstream_check.h"

#include <doctest/doctest.h>

#include <chrono>
#include <string>

#include "tests/support/raw_server.h"
#include "tests/support/reserved_port.h"

using namespace bearer;
using namespace std::chrono_literals;

namespace {

token::Fetched fetched(const char* value) {
  token::Fetched made;
  made.value = base::Secret(value);
  return made;
}

/// Checks a server that reads a request's head and says `answer`, then closes; `request` gets what
/// it read.
base::Result<app::UpstreamAnswer> answer_of(const std::string& answer, std::string& request,
                                            const std::string& path = "",
                                            relay::RouteOptions route = {}) {
  test::RawServer server([&](test::RawConnection& connection) {
    request = connection.read_until("\r\n\r\n");
    connection.write(answer);
  });
  route.upstream = {false, "127.0.0.1", server.port(), path};
  return app::check_upstream(route, fetched("t0ken"));
}

}  // namespace

TEST_CASE("the check of an upstream asks for the base path with the token") {
  std::string request;
  const auto answer =
      answer_of("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n", request, "/v2");
  REQUIRE(answer.has_value());
  CHECK(answer->status == 404);
  CHECK_FALSE(answer->challenge.has_value());
  CHECK(request.starts_with("GET /v2 HTTP/1.1\r\nHost: 127.0.0.1:"));
  CHECK(request.find("\r\nAuthorization: Bearer t0ken\r\n") != std::string::npos);
}

TEST_CASE("the check of an upstream sends the token and the fixed fields as requests do") {
  relay::RouteOptions route;
  route.auth_field = "X-Token";
  route.auth_scheme = "";
  route.fixed_fields = {{"User-Agent", base::Secret("job/1")}, {"X-Api-Key", base::Secret("k3y")}};
  std::string request;
  REQUIRE(answer_of("HTTP/1.1 204 No Content\r\n\r\n", request, "", route).has_value());
  CHECK(request.find("\r\nX-Token: t0ken\r\n\r\n") != std::string::npos);
  CHECK(request.find("\r\nX-Api-Key: k3y\r\n") != std::string::npos);
  CHECK(request.find("\r\nUser-Agent: job/1\r\n") != std::string::npos);
  CHECK(request.find("Authorization") == std::string::npos);
  CHECK(request.find("User-Agent: bearer-proxy") == std::string::npos);
}

TEST_CASE("an upstream without a path is asked for its root") {
  std::string request;
  CHECK(answer_of("HTTP/1.1 204 No Content\r\n\r\n", request).has_value());
  CHECK(request.starts_with("GET / HTTP/1.1\r\n"));
}

TEST_CASE("interim answers are passed over, and a challenge is read") {
  std::string request;
  const auto answer = answer_of(
      "HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 401 Unauthorized\r\n"
      "WWW-Authenticate: Bearer error=\"invalid_token\"\r\n\r\n",
      request);
  REQUIRE(answer.has_value());
  CHECK(answer->status == 401);
  REQUIRE(answer->challenge.has_value());
  CHECK(answer->challenge->error == "invalid_token");
}

TEST_CASE("an upstream that speaks TLS where plain http is spoken is recognised by its 400") {
  const auto wants_tls = [](const std::string& answer) {
    std::string request;
    const auto heard = answer_of(answer, request);
    REQUIRE(heard.has_value());
    return heard->wants_tls;
  };
  // Go's server ends its body by closing.
  CHECK(wants_tls(
      "HTTP/1.0 400 Bad Request\r\n\r\nClient sent an HTTP request to an HTTPS server.\n"));
  CHECK(
      wants_tls("HTTP/1.1 400 \r\nContent-Type: text/plain\r\nConnection: close\r\n\r\n"
                "Bad Request\r\nThis combination of host and port requires TLS.\r\n"));
  CHECK_FALSE(wants_tls("HTTP/1.1 400 Bad Request\r\nContent-Length: 4\r\n\r\nname"));
  CHECK_FALSE(wants_tls("HTTP/1.1 400 Bad Request\r\nContent-Length: 400\r\n\r\ncut"));
  CHECK_FALSE(
      wants_tls("HTTP/1.1 404 Not Found\r\n\r\n"
                "The plain HTTP request was sent to HTTPS port"));
}

TEST_CASE("an upstream that gives no answer is told apart by the phase it failed in") {
  std::string request;
  CHECK(answer_of("", request).error().code == base::Errc::connection_lost);
  CHECK(answer_of("HTTP/1.1 200 O", request).error().code == base::Errc::connection_lost);
  CHECK(answer_of("SSH-2.0-x\r\n\r\n", request).error().code == base::Errc::response_malformed);

  const test::ReservedPort nobody;
  relay::RouteOptions refused;
  refused.upstream = {false, "127.0.0.1", nobody.port(), ""};
  CHECK(app::check_upstream(refused, fetched("t")).error().code == base::Errc::connect_refused);

  test::RawServer silent([](test::RawConnection& connection) { connection.await_end(); });
  relay::RouteOptions route;
  route.upstream = {false, "127.0.0.1", silent.port(), ""};
  route.response_timeout = 20ms;
  CHECK(app::check_upstream(route, fetched("t")).error().code == base::Errc::response_timeout);
}
