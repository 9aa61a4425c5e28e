#include "app/upstream_from_token.h"

#include <doctest/doctest.h>

using namespace bearer;

namespace {

constexpr const char* kInstance = "https://na1.salesforce.com";
const std::string kConfigured = "https://acme.my.salesforce.com";

struct Route {
  bool by_token;
  std::string upstream = kConfigured;
};

/// Returns where the routes lead once a token said so; "refused" in front if that was an error.
std::string moved(const std::vector<Route>& routes, const std::string& said) {
  config::UpstreamFromToken rule{"crm", "instance_url", {"salesforce.com"}, {}};
  base::SharedList<relay::RouteOptions> options;
  for (const Route& route : routes) {
    if (route.by_token) rule.routes.push_back(options.size());
    relay::RouteOptions made;
    made.upstream = http::parse_url(route.upstream).value();
    options.push_back(std::move(made));
  }
  std::string text = app::move_routes(options, rule, {{"instance_url", said}}) ? "" : "refused ";
  for (const relay::RouteOptions& one : options) text += one.upstream.text() + " ";
  return text;
}

const config::UpstreamFromToken kKnown{
    "crm", "instance_url", {"salesforce.com", "salesforce.mil"}, {}};

std::string taken(std::string_view said) {
  const auto named = app::named_upstream(kKnown, said);
  return named ? named->text() : "";
}

std::string why_not(std::string_view said) {
  const auto named = app::named_upstream(kKnown, said);
  if (named) return "it is taken";
  CHECK(named.error().code == base::Errc::token_malformed);
  return named.error().detail;
}

}  // namespace

TEST_CASE("a token leads the routes of its rule and no others") {
  CHECK(moved({{true},
               {false, "https://own.my.salesforce.com"},
               {true, "https://other.my.salesforce.com"}},
              kInstance) ==
        "https://na1.salesforce.com https://own.my.salesforce.com https://na1.salesforce.com ");
}

TEST_CASE("what cannot be taken changes nothing, and is told") {
  for (const char* said : {"https://evil.example", "http://na1.salesforce.com", "na1"}) {
    CAPTURE(said);
    CHECK(moved({{true}, {true}}, said) == "refused " + kConfigured + " " + kConfigured + " ");
  }
}

TEST_CASE("a token that says nothing new, or nothing that is used, is no fault") {
  CHECK(moved({{true}}, "") == kConfigured + " ");
  CHECK(moved({{true}}, kConfigured) == kConfigured + " ");
  // The person's own region, wherever it lies.
  CHECK(moved({{true, "https://crm.example.cn"}}, "https://crm.example.cn") ==
        "https://crm.example.cn ");
  CHECK(moved({{false}}, "https://evil.example") == kConfigured + " ");
  base::SharedList<relay::RouteOptions> routes{relay::RouteOptions{}};
  CHECK(app::move_routes(routes, {"crm", "instance_url", {"salesforce.com"}, {0}},
                         {{"other", kInstance}})
            .has_value());
  CHECK(routes[0].upstream == http::Url{});
}

TEST_CASE("an upstream that an answer names is taken within the provider's domains") {
  CHECK(taken("https://na1.salesforce.com") == "https://na1.salesforce.com");
  CHECK(taken("https://acme--dev.sandbox.my.salesforce.com/") ==
        "https://acme--dev.sandbox.my.salesforce.com");
  CHECK(taken("HTTPS://Acme.My.Salesforce.MIL:443") == "https://acme.my.salesforce.mil");
  CHECK(taken("https://salesforce.com:8443") == "https://salesforce.com:8443");
}

TEST_CASE("an upstream outside of the provider's domains is never taken") {
  for (const char* said :
       {"https://evil.example", "https://evil-salesforce.com", "https://evilsalesforce.com",
        "https://na1.salesforce.com.evil.example", "https://salesforce.com.evil.example",
        "https://salesforce.comm", "https://com", "https://.salesforce.com",
        "https://na1.salesforce.com.", "https://evil.example/.salesforce.com",
        "https://evil.example?.salesforce.com", "https://acme.force.com", "https://127.0.0.1",
        "https://[::1]"}) {
    CAPTURE(said);
    CHECK(why_not(said) ==
          "instance_url: it lies in none of the provider's: salesforce.com, salesforce.mil");
  }
}

TEST_CASE("what is no https origin is not taken, wherever it lies") {
  const std::pair<const char*, const char*> cases[] = {
      {"http://na1.salesforce.com", "it is not https"},
      {"https://na1.salesforce.com/services", "it has a path or a query"},
      {"https://na1.salesforce.com//", "it has a path or a query"},
      {"https://na1.salesforce.com?a=b", "it has a path or a query"},
      {"https://na1.salesforce.com/?a", "it has a path or a query"},
      {"https://a@na1.salesforce.com", "it has user information"},
      {"https://a:b@na1.salesforce.com", "it has user information"},
      {"https://evil.example@na1.salesforce.com", "it has user information"},
      {"https://na1.salesforce.com@evil.example", "it has user information"},
      {"https://evil.example#.salesforce.com", "it has a fragment"},
      {"https://evil.example\\.salesforce.com", "a backslash"},
      {"https://evil.example%2f.salesforce.com", "it has no host"},
      {"https://na1.salesforce.com:0", "its port"},
      {" https://na1.salesforce.com", "a space"},
      {"https://na1.salesforce.com\n", "a control"},
      {"//na1.salesforce.com", "does not start with https://"},
      {"na1.salesforce.com", "does not start with https://"},
      {"wss://na1.salesforce.com", "does not start with https://"},
      {"https://", "it has no host"},
      {"-", "does not start with https://"},
  };
  for (const auto& one : cases) {
    CAPTURE(one.first);
    CHECK(why_not(one.first).find(one.second) != std::string::npos);
  }
}

TEST_CASE("a provider without domains names no upstream") {
  CHECK_FALSE(app::named_upstream({"crm", "instance_url", {}, {}}, "https://na1.salesforce.com")
                  .has_value());
}
