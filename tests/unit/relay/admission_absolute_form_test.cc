// Requests in the absolute form, as a client of a forward proxy sends them.
#include <doctest/doctest.h>

#include <string>
#include <variant>

#include "relay/admission.h"
#include "tests/unit/relay/admitting.h"
#include "tests/unit/relay/relaying.h"

using namespace bearer;
using namespace bearer::relay::test::admitting;
using relay::Admitted;
using relay::LocalReply;
using relay::test::RequestLines;
using relay::test::route;

TEST_CASE("the absolute form reaches an upstream itself, path as it is") {
  const RequestLines head(
      "GET http://CRM.example.com/base/orders?x HTTP/1.1\nHost: something.else.example");
  const Verdict admitted = verdict(head);
  REQUIRE(admitted.status == 0);
  CHECK(admitted.admitted->as_forward_proxy);
  CHECK(admitted.admitted->base_path.empty());
  CHECK(admitted.admitted->rest == "/base/orders?x");
  CHECK(admitted.admitted->authority == "CRM.example.com");
  CHECK(admitted.admitted->route->options.path == "/crm/");
}

TEST_CASE("the absolute form may be an https URL, at the default port of either scheme") {
  for (const char* target :
       {"https://crm.example.com/base/x", "https://CRM.example.com.:443/base/x",
        "https://crm.example.com:80/base/x", "http://crm.example.com:443/base/x"}) {
    CAPTURE(target);
    const RequestLines head(std::string("GET ") + target + " HTTP/1.1\nHost: localhost");
    const Verdict admitted = verdict(head);
    REQUIRE(admitted.status == 0);
    CHECK(admitted.admitted->as_forward_proxy);
    CHECK(admitted.admitted->rest == "/base/x");
  }
  CHECK(status_of("Host: localhost", "https://localhost/crm/x") == 0);
  CHECK(status_of("Host: localhost", "https://evil.example.com/base/x") == 421);
  CHECK(status_of("Host: localhost", "https://crm.example.com:8443/base/x") == 421);
  CHECK(status_of("Host: localhost", "https://crm.example.com/elsewhere") == 403);
}

TEST_CASE("the absolute form with a name of our own is a path, with a stranger's a 421") {
  const RequestLines own("GET http://localhost:8080/crm/x HTTP/1.1\nHost: ignored.example");
  const Verdict admitted = verdict(own);
  REQUIRE(admitted.status == 0);
  CHECK_FALSE(admitted.admitted->as_forward_proxy);
  CHECK(admitted.admitted->rest == "/x");
  CHECK(admitted.admitted->authority == "localhost:8080");
  CHECK(status_of("Host: localhost", "http://evil.example.com/") == 421);
  CHECK(status_of("Host: localhost", "http://crm.example.com:9999/base/x") == 421);
}

TEST_CASE("the refusal of an absolute form names the port with the host") {
  for (const std::string authority : {"crm.example.com:9443", "stranger.example:80", "10.9.8.7"}) {
    const RequestLines head("GET http://" + authority + "/base/x HTTP/1.1\nHost: localhost");
    CHECK(verdict(head).detail.starts_with("the host '" + authority + "' is not served here"));
  }
  const RequestLines path("GET /base/x HTTP/1.1\nHost: stranger.example:8080");
  CHECK(verdict(path).detail.starts_with("the host 'stranger.example' is not served here"));
}

TEST_CASE("the absolute form of another port on this machine is not ours to take") {
  const auto refusal = [](const std::string& target) {
    const RequestLines head("GET " + target + " HTTP/1.1\nHost: localhost");
    std::string_view page;
    const auto admission = relay::admit(head, kRules, table(), page, {}, [] { return 8080; });
    const auto* reply = std::get_if<LocalReply>(&admission);
    return reply ? *reply : LocalReply{};
  };
  const auto status = [&](const std::string& target) { return refusal(target).status; };
  CHECK(status("http://localhost:8080/crm/x") == 0);
  CHECK(status("http://localhost/crm/x") == 0);
  CHECK(status("http://localhost:80/crm/x") == 0);
  CHECK(status("http://localhost:3000/crm/x") == 421);
  CHECK(status("http://127.0.0.1:1/crm/x") == 421);
  CHECK(status("http://[::1]:8081/crm/x") == 421);
  const std::string why = refusal("http://localhost:3000/crm/x").detail;
  CHECK(why.find("no_proxy") != std::string::npos);
  CHECK(why.find("--allow-host") == std::string::npos);
}

TEST_CASE("the absolute form reaches an upstream on this machine, base path and all") {
  const relay::RouteTable local({route("/", "http://127.0.0.1:9000/base/")});
  const RequestLines head("GET http://127.0.0.1:9000/base/x HTTP/1.1\nHost: localhost");
  std::string_view page;
  const auto admission = relay::admit(head, kRules, local, page, {}, [] { return 8080; });
  REQUIRE(std::holds_alternative<Admitted>(admission));
  CHECK(std::get<Admitted>(admission).as_forward_proxy);
  CHECK(std::get<Admitted>(admission).rest == "/base/x");
  const RequestLines out("GET http://127.0.0.1:9000/base/../x HTTP/1.1\nHost: localhost");
  CHECK(std::holds_alternative<LocalReply>(relay::admit(out, kRules, local, page, {}, {})));
}
