#include "http/set_cookie.h"

#include <doctest/doctest.h>

#include <string>
#include <string_view>

using namespace bearer::http;

namespace {

const std::string kUntouched = "untouched";

struct Route {
  const char* upstream = "https://api.example.com";
  const char* prefix = "/";
  bool strip_prefix = false;

  std::string rewritten(std::string_view value) const {
    const Url url = parse_url(upstream).value();
    return rewrite_set_cookie(value, {url, prefix, strip_prefix, "http://localhost:8080"})
        .value_or(kUntouched);
  }
};

}  // namespace

TEST_CASE("a cookie that needs nothing is left as it came") {
  const Route route;
  for (const char* value : {"", "a", "a=1", "a=1; Path=/; HttpOnly", "a=\"x;y\"; Max-Age=5",
                            "a=1; SameSite=Lax", "a=1; Domain=", "a=1; Path=", "a=1; Path=x"}) {
    CAPTURE(value);
    CHECK(route.rewritten(value) == kUntouched);
  }
}

TEST_CASE("what needs https goes, since the client speaks plain http to us") {
  const Route route;
  CHECK(route.rewritten("sid=1; Secure; HttpOnly") == "sid=1; HttpOnly");
  CHECK(route.rewritten("sid=1;secure") == "sid=1");
  CHECK(route.rewritten("sid=1; SameSite=None; SECURE; Path=/") == "sid=1; Path=/");
  CHECK(route.rewritten("sid=1; Secure; Partitioned; samesite = none") == "sid=1");
  CHECK(route.rewritten("sid=1; SameSite=Strict; Secure") == "sid=1; SameSite=Strict");
  CHECK(route.rewritten("secure=1; Secure=") == "secure=1");
}

TEST_CASE("names that only a secure cookie may have are left alone") {
  const Route route;
  CHECK(route.rewritten("__Host-sid=1; Secure; Path=/") == kUntouched);
  CHECK(route.rewritten("__secure-sid=1; Secure") == kUntouched);
  CHECK(route.rewritten(" __Host-sid=1; Secure") == kUntouched);
  CHECK(route.rewritten("_Host-sid=1; Secure") == "_Host-sid=1");
}

TEST_CASE("a Domain that covers the upstream goes, a foreign one stays") {
  const Route route;
  for (const char* domain :
       {"api.example.com", ".api.example.com", "example.com", ".Example.COM", "\".example.com\""}) {
    CAPTURE(domain);
    CHECK(route.rewritten("a=1; Domain=" + std::string(domain) + "; HttpOnly") == "a=1; HttpOnly");
  }
  for (const char* domain :
       {"other.com", "pi.example.com", "x.api.example.com", "ample.com", "."}) {
    CAPTURE(domain);
    CHECK(route.rewritten("a=1; Domain=" + std::string(domain)) == kUntouched);
  }
}

TEST_CASE("a Domain goes where the upstream is reached by an address or a short name") {
  for (const char* upstream : {"https://10.0.0.7", "http://[2001:db8::1]:8080",
                               "http://localhost:1", "https://crm", "https://[::ffff:10.0.0.7]"}) {
    CAPTURE(upstream);
    const Route route{.upstream = upstream};
    CHECK(route.rewritten("a=1; Domain=shop.example.org; Path=/") == "a=1; Path=/");
    CHECK(route.rewritten("a=1; Domain=.; Path=/") == kUntouched);
  }
  CHECK(Route{.upstream = "https://crm.svc"}.rewritten("a=1; Domain=example.org") == kUntouched);
}

TEST_CASE("a Path follows the base path and the prefix") {
  const Route based{.upstream = "https://api.example.com/api/v2/"};
  CHECK(based.rewritten("a=1; Path=/api/v2") == "a=1; Path=/");
  CHECK(based.rewritten("a=1; path=/api/v2/; Secure") == "a=1; Path=/");
  CHECK(based.rewritten("a=1; Path=/api/v2/me") == "a=1; Path=/me");
  CHECK(based.rewritten("a=1; Path=/api") == "a=1; Path=/");  // it covers all of the base path
  CHECK(based.rewritten("a=1; Path=/") == kUntouched);
  CHECK(based.rewritten("a=1; Path=/api/v20") == kUntouched);
  CHECK(based.rewritten("a=1; Path=/other") == kUntouched);
  CHECK(based.rewritten("a=1; Path=/api/v2?x") == kUntouched);

  // Old servers quote it.
  CHECK(based.rewritten("a=1; Version=1; Path=\"/api/v2/me\"") == "a=1; Version=1; Path=/me");
  CHECK(based.rewritten("a=1; Path = \"/api\"") == "a=1; Path=/");
  CHECK(based.rewritten("a=1; Path=\"/other\"") == kUntouched);
  CHECK(based.rewritten("a=1; Path=\"/api/v2") == kUntouched);
  CHECK(based.rewritten("a=1; Path=\"") == kUntouched);
  CHECK(based.rewritten("a=1; Path=\"\"") == kUntouched);

  const Route stripped{
      .upstream = "https://crm.example.com/base/", .prefix = "/crm/", .strip_prefix = true};
  CHECK(stripped.rewritten("a=1; Path=/") == "a=1; Path=/crm");
  CHECK(stripped.rewritten("a=1; Path=/base/x/") == "a=1; Path=/crm/x/");
  CHECK(stripped.rewritten("a=1; Path=/base") == "a=1; Path=/crm");

  const Route kept{.upstream = "https://crm.example.com", .prefix = "/crm/"};
  CHECK(kept.rewritten("a=1; Path=/crm") == kUntouched);
  CHECK(kept.rewritten("a=1; Path=/") == kUntouched);
}
