#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "tests/unit/config/configuring.h"

using namespace bearer;
using namespace bearer::config;
using Fields = std::vector<relay::FixedField>;

namespace {

relay::RouteOptions route_of(const Configuring& configuring) {
  return configuring.settings().routes.at(0);
}

Configuring with_field_file(const std::string& content, const std::vector<std::string>& more = {}) {
  Configuring configuring = complete_with({"--set-header-file", "fields"});
  configuring.arguments.insert(configuring.arguments.end(), more.begin(), more.end());
  configuring.files["fields"] = content;
  return configuring;
}

bool holds(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("the token goes into Authorization behind Bearer, unless a person says where") {
  const relay::RouteOptions usual = route_of(complete());
  CHECK(usual.auth_field == "Authorization");
  CHECK(usual.auth_scheme == "Bearer");
  const relay::RouteOptions other =
      route_of(complete_with({"--auth-field", "X-Shop-Token", "--auth-scheme", "Token token="}));
  CHECK(other.auth_field == "X-Shop-Token");
  CHECK(other.auth_scheme == "Token token=");
}

TEST_CASE("a scheme is empty in every spelling") {
  CHECK(route_of(complete_with({"--auth-scheme", ""})).auth_scheme == "");
  CHECK(route_of(complete_with({"--auth-scheme="})).auth_scheme == "");
  Configuring by_variable = complete();
  by_variable.environment["BEARER_PROXY_AUTH_SCHEME"] = "";
  CHECK(route_of(by_variable).auth_scheme == "");
  CHECK(route_of(with_file(R"({"upstream": "https://a.example.com", "client_id": "i",
                               "token_url": "https://l.example.com/t", "auth_scheme": ""})"))
            .auth_scheme == "");
}

TEST_CASE("a field that frames, routes or identifies a message cannot carry the token") {
  for (const char* name : {"Host", "content-length", "Transfer-Encoding", "Transfer_Encoding",
                           "Connection", "TE", "Upgrade", "Proxy-Authorization", "Via", "Expect",
                           "X-Request-Id", "Idempotency-Key", "Range", "X-Original-URL"}) {
    CAPTURE(name);
    const std::string errors = complete_with({"--auth-field", name}).errors();
    CHECK(holds(errors, "auth_field = \"" + std::string(name) + "\""));
    CHECK(holds(errors, "cannot be the same in all of them"));
  }
  for (const char* name : {"X Token", "X-Token:", "X-T\xc3\xb6ken", ""})
    CHECK(holds(complete_with({"--auth-field", name}).errors(), "not a field's name"));
}

TEST_CASE("fields that hold addresses are named, but for those that frame or route a message") {
  CHECK(route_of(complete()).address_fields.empty());
  const relay::RouteOptions named =
      route_of(complete_with({"--address-field", "X-Next", "--address-field", "X-Prev"}));
  CHECK(named.address_fields == std::vector<std::string>{"X-Next", "X-Prev"});
  CHECK(named.holds_addresses("x-prev"));
  CHECK_FALSE(named.holds_addresses("X-Previous"));
  for (const char* name : {"Host", "Transfer-Encoding", "X Next"}) {
    CAPTURE(name);
    CHECK(holds(complete_with({"--address-field", name}).errors(),
                "address_field = \"" + std::string(name) + "\""));
  }
}

TEST_CASE("a scheme that could end the field's line is refused") {
  for (const char* scheme : {"Bearer\r\nX: y", "B\xc3\xa9", " Bearer", "Bearer "}) {
    CAPTURE(scheme);
    CHECK(holds(complete_with({"--auth-scheme", scheme}).errors(), "auth_scheme"));
  }
}

TEST_CASE("fixed fields come from settings, then from files line by line") {
  const Configuring configuring = with_field_file("# of the gateway\nX-Gateway: g1\r\n\nx-b:  2 \n",
                                                  {"--set-header", "Accept: text/csv, */*"});
  CHECK(route_of(configuring).fixed_fields == Fields{{"Accept", base::Secret("text/csv, */*")},
                                                     {"X-Gateway", base::Secret("g1")},
                                                     {"x-b", base::Secret("2")}});
  CHECK(route_of(configuring).fixed_field_files == std::vector<std::string>{"fields"});
}

TEST_CASE("a route's own fixed fields take the place of the flat ones") {
  const Settings settings = with_file(R"({
    "token_url": "https://l.example.com/t", "client_id": "i",
    "upstream": "https://a.example.com", "set_header": "X-Team: blue", "auth_field": "X-T",
    "routes": [{"path": "/"}, {"path": "/b/", "set_header": ["X-One: 1", "X-Two: 2"],
                               "auth_field": "Authorization", "auth_scheme": "Token"}]
  })")
                                .settings();
  CHECK(settings.routes.at(0).fixed_fields == Fields{{"X-Team", base::Secret("blue")}});
  CHECK(settings.routes.at(0).auth_field == "X-T");
  CHECK(settings.routes.at(1).fixed_fields ==
        Fields{{"X-One", base::Secret("1")}, {"X-Two", base::Secret("2")}});
  CHECK(settings.routes.at(1).auth_field == "Authorization");
  CHECK(settings.routes.at(1).auth_scheme == "Token");
}

TEST_CASE("a fixed field that would break a request is refused, and its value never shown") {
  struct Case {
    const char *field, *why;
  };
  for (const Case& c :
       {Case{"Authorization: s3cret-value", "carries the token; see auth_field"},
        Case{"Host: s3cret-value", "frames, routes or identifies"},
        Case{"content-length: s3cret-value", "frames, routes or identifies"},
        Case{"Connection: s3cret-value", "frames, routes or identifies"},
        Case{"Keep-Alive: s3cret-value", "frames, routes or identifies"},
        Case{"X-HTTP-Method-Override: s3cret-value", "frames, routes or identifies"},
        Case{"no-colon-s3cret-value", "write Name: value"},
        Case{"X-A: s3cret-value\r\nX-B: c", "line break"}}) {
    CAPTURE(c.field);
    const std::string by_flag = complete_with({"--set-header", c.field}).errors();
    CHECK(holds(by_flag, "set_header = ***"));
    CHECK(holds(by_flag, c.why));
    CHECK_FALSE(holds(by_flag, "s3cret"));
    if (holds(c.field, "\n")) continue;
    const std::string by_file = with_field_file("X-Good: 1\n" + std::string(c.field)).errors();
    CHECK(holds(by_file, "set_header_file = \"fields\""));
    CHECK(holds(by_file, "line 2: "));
    CHECK(holds(by_file, c.why));
    CHECK_FALSE(holds(by_file, "s3cret"));
  }
}

TEST_CASE("where the token goes elsewhere, Authorization may be fixed and that field may not") {
  const std::vector<std::string> elsewhere = {"--auth-field", "X-Token"};
  CHECK(route_of(with_field_file("Authorization: Basic eDp5", elsewhere)).fixed_fields.size() == 1);
  CHECK(holds(with_field_file("x-token: 1", elsewhere).errors(), "carries the token"));
}

TEST_CASE("a field is given once, in the settings and the files together") {
  CHECK(holds(complete_with({"--set-header", "A: 1", "--set-header", "a: 2"}).errors(),
              "a is given twice"));
  CHECK(
      holds(with_field_file("X-A: 1", {"--set-header", "x-a: 2"}).errors(), "X-A is given twice"));
}

TEST_CASE("a file of fields that is missing, says nothing or is too long is told") {
  CHECK(holds(complete_with({"--set-header-file", "nowhere"}).errors(), "cannot be read"));
  CHECK(holds(with_field_file("# nothing\n").errors(), "holds no field"));
  CHECK(holds(with_field_file("A: " + std::string(20'000, 'x')).errors(), "16 KiB"));
}

TEST_CASE("links in bodies need bodies as they are: no fixed Accept-Encoding beside them") {
  const std::vector<std::string> coding = {"--set-header", "Accept-Encoding: gzip"};
  CHECK(complete_with(coding).errors() == "");
  Configuring links = complete_with(coding);
  links.arguments.emplace_back("--rewrite-body-links");
  CHECK(holds(links.errors(), "rewrite_body_links"));
}

TEST_CASE("a path for placeholders that is none is told") {
  CHECK(holds(complete_with({"--stub-token", "oauth/token"}).errors(), "write /oauth/token"));
  const relay::RouteOptions route =
      route_of(complete_with({"--stub-token", "/login", "--stub-token", "/v2/**/token"}));
  REQUIRE(route.stub_tokens.size() == 2);
  CHECK(route.stub_tokens[1].text() == "/v2/**/token");
}

TEST_CASE("genesys answers its clients' token requests where its own endpoint has them") {
  const relay::RouteOptions route = route_of(complete_with({"--preset", "genesys"}));
  REQUIRE(route.stub_tokens.size() == 2);
  CHECK(route.stub_tokens[0].text() == "/oauth/token");
  CHECK(route.stub_tokens[1].text() == "/api/v2/oauth/token");
  CHECK(route_of(complete()).stub_tokens.empty());
}
