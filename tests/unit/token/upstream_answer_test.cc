#include "token/upstream_answer.h"

#include <doctest/doctest.h>

using namespace bearer;

namespace {

const token::UpstreamAnswer kKnown{"instance_url", {"salesforce.com", "salesforce.mil"}};

std::string taken(std::string_view said) {
  const auto named = token::named_upstream(kKnown, said);
  return named ? named->text() : "";
}

std::string why_not(std::string_view said) {
  const auto named = token::named_upstream(kKnown, said);
  if (named) return "it is taken";
  CHECK(named.error().code == base::Errc::token_malformed);
  return named.error().detail;
}

}  // namespace

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
  for (const auto& [said, why] : cases) {
    CAPTURE(said);
    CHECK(why_not(said).find(why) != std::string::npos);
  }
}

TEST_CASE("a provider without domains names no upstream") {
  CHECK_FALSE(
      token::named_upstream({"instance_url", {}}, "https://na1.salesforce.com").has_value());
}
