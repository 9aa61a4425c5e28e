#include "app/upstreams.h"

#include <doctest/doctest.h>

using namespace bearer;

namespace {

constexpr const char* kInstance = "https://na1.salesforce.com";
const std::string kConfigured = "https://acme.my.salesforce.com";

relay::RouteOptions route(const std::string& credential, bool from_preset,
                          const std::string& upstream = kConfigured) {
  relay::RouteOptions route;
  route.credential = credential;
  route.upstream = http::parse_url(upstream).value();
  route.upstream_from_preset = from_preset;
  return route;
}

token::CredentialOptions credential(const std::string& name) {
  token::CredentialOptions options;
  options.name = name;
  options.upstream_answer = {"instance_url", {"salesforce.com"}};
  return options;
}

/// Where `routes` lead once the token of `crm` said so; "refused" in front if that was an error.
std::string led(std::vector<relay::RouteOptions> routes, const std::string& said) {
  std::string text = app::lead(routes, credential("crm"), said) ? "" : "refused ";
  for (const relay::RouteOptions& one : routes) text += one.upstream.text() + " ";
  return text;
}

}  // namespace

TEST_CASE("an answer leads the routes of its credential, but for those that a person wrote") {
  const std::vector<relay::RouteOptions> routes = {
      route("crm", true), route("crm", false, "https://own.my.salesforce.com"), route("hr", true),
      route("crm", true, "https://other.my.salesforce.com")};
  CHECK(led(routes, kInstance) ==
        "https://na1.salesforce.com https://own.my.salesforce.com https://acme.my.salesforce.com "
        "https://na1.salesforce.com ");
}

TEST_CASE("what cannot be taken changes nothing, and is told") {
  for (const char* said : {"https://evil.example", "http://na1.salesforce.com", "na1"}) {
    CAPTURE(said);
    CHECK(led({route("crm", true), route("crm", true)}, said) ==
          "refused " + kConfigured + " " + kConfigured + " ");
  }
}

TEST_CASE("an answer that says nothing new, or nothing that is used, is no fault") {
  CHECK(led({route("crm", true)}, "") == kConfigured + " ");
  CHECK(led({route("crm", true)}, kConfigured) == kConfigured + " ");
  // The person's own region, wherever it lies.
  CHECK(led({route("crm", true, "https://crm.example.cn")}, "https://crm.example.cn") ==
        "https://crm.example.cn ");
  CHECK(led({route("crm", false)}, "https://evil.example") == kConfigured + " ");
  CHECK(led({route("hr", true)}, "https://evil.example") == kConfigured + " ");
}
