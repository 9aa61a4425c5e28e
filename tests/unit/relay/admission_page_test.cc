// Which browsers' pages are served, and what they may read.
#include <doctest/doctest.h>

#include <string>
#include <variant>

#include "relay/admission.h"
#include "tests/unit/relay/admitting.h"
#include "tests/unit/relay/relaying.h"

using namespace bearer;
using namespace bearer::relay::test::admitting;
using relay::LocalReply;
using relay::test::RequestLines;

TEST_CASE("a browser's page of another site is refused, a served origin is not") {
  struct Case {
    const char* fields;
    int status;
  };
  const Case cases[] = {
      {"Origin: http://localhost:8080", 0},
      {"Origin: HTTP://LOCALHOST:8080", 0},
      {"Origin: https://localhost:8080", 403},  // another origin than http's
      {"Origin: http://localhost:8081", 403},
      {"Origin: http://localhost", 403},
      {"Origin: https://app.example.com", 0},
      {"Origin: http://app.example.com", 403},
      {"Origin: https://app.example.com.evil.com", 403},
      {"Origin: null", 403},
      {"Origin:", 403},
      {"Origin: http://localhost:8080\nOrigin: https://evil.example.com", 403},
      {"Sec-Fetch-Site: cross-site", 403},
      {"Sec-Fetch-Site: Same-Site", 403},
      {"Sec-Fetch-Site: none\nSec-Fetch-Site: cross-site", 403},
      {"Sec-Fetch-Site: same-origin", 0},
      {"Sec-Fetch-Site: none", 0},
      {"Origin: https://app.example.com\nSec-Fetch-Site: cross-site", 0},
      {"X: y", 0},
  };
  for (const Case& c : cases) {
    CAPTURE(c.fields);
    CHECK(status_of("Host: localhost:8080\n" + std::string(c.fields)) == c.status);
  }
}

TEST_CASE("a served origin's preflight is answered, and a refusal is one that its page may read") {
  struct Case {
    const char* lines;
    int status;
  };
  const Case cases[] = {
      {"OPTIONS /x HTTP/1.1\nHost: localhost\nAccess-Control-Request-Method: PUT", 204},
      {"OPTIONS /x HTTP/1.1\nHost: localhost\nAccess-Control-Request-Method: delete", 403},
      {"OPTIONS /private/x HTTP/1.1\nHost: localhost\nAccess-Control-Request-Method: PUT", 403},
      {"GET /private HTTP/1.1\nHost: localhost", 403},
      {"GET /crm/../x HTTP/1.1\nHost: localhost", 403},
      {"GET / HTTP/1.1\nHost: evil.example.com", 421},
  };
  relay::AdmissionRules rules = kRules;
  rules.denied_methods = {"DELETE"};
  rules.denied_paths = {"/private"};
  for (const Case& c : cases) {
    CAPTURE(c.lines);
    const RequestLines served(c.lines + std::string("\nOrigin: https://app.example.com"));
    std::string_view page;
    const auto admission = relay::admit(served, rules, table(), page, {}, {});
    const auto* reply = std::get_if<LocalReply>(&admission);
    REQUIRE(reply != nullptr);
    CHECK(reply->status == c.status);
    CHECK(page == "https://app.example.com");
    const RequestLines foreign(c.lines + std::string("\nOrigin: https://evil.example.com"));
    const auto refused = relay::admit(foreign, rules, table(), page, {}, {});
    REQUIRE(std::holds_alternative<LocalReply>(refused));
    CHECK(std::get<LocalReply>(refused).status == 403);
    CHECK(page.empty());
  }
}

TEST_CASE("a served origin's page may also read what is refused before its origin is asked for") {
  struct Case {
    const char* lines;
    int status;
  };
  const Case cases[] = {
      {"TRACE / HTTP/1.1\nHost: localhost", 405},
      {"GET x HTTP/1.1\nHost: localhost", 400},
      {"GET / HTTP/1.1\nHost: localhost\nHost: localhost", 400},
  };
  for (const Case& c : cases) {
    CAPTURE(c.lines);
    for (const std::string origin : {"https://app.example.com", "https://evil.example.com"}) {
      const RequestLines head(c.lines + ("\nOrigin: " + origin));
      std::string_view page;
      const auto admission = relay::admit(head, kRules, table(), page, {}, {});
      REQUIRE(std::holds_alternative<LocalReply>(admission));
      CHECK(std::get<LocalReply>(admission).status == c.status);
      CHECK(page == (origin == kRules.origins.front() ? origin : ""));
    }
  }
}

TEST_CASE("an origin is held against the name by which the client addressed us") {
  CHECK(status_of("Host: localhost:8080\nOrigin: http://127.0.0.1:8080") == 403);
  CHECK(status_of("Host: 127.0.0.1:8080\nOrigin: http://127.0.0.1:8080") == 0);
}
