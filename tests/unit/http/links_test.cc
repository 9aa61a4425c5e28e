#include "http/links.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

using namespace bearer::http;

namespace {

constexpr std::string_view kProxy = "http://localhost:8080";
const std::string kUntouched = "untouched";

/// A route, and what becomes of the values that its upstream sends.
struct Route {
  const char* upstream;
  const char* prefix;
  bool strip_prefix;
  std::vector<std::pair<std::string_view, std::string>> values;
};

void check(const Route& route,
           std::optional<std::string> rewrite(std::string_view, const LinkMap&)) {
  const auto upstream = parse_url(route.upstream);
  REQUIRE(upstream.has_value());
  const LinkMap map{*upstream, route.prefix, route.strip_prefix, kProxy};
  for (const auto& [value, expected] : route.values) {
    CAPTURE(route.upstream);
    CAPTURE(route.prefix);
    CAPTURE(value);
    CHECK(rewrite(value, map).value_or(kUntouched) == expected);
  }
}

}  // namespace

TEST_CASE("a Location at the upstream's origin becomes one at the proxy's") {
  check({"https://api.example.com",
         "/",
         false,
         {
             {"https://api.example.com/v2/x?page=2#f", "http://localhost:8080/v2/x?page=2#f"},
             {"HTTPS://API.Example.COM/V2", "http://localhost:8080/V2"},
             {"https://api.example.com:443/x", "http://localhost:8080/x"},
             {"//api.example.com/x", "http://localhost:8080/x"},
             {"https://api.example.com", "http://localhost:8080/"},
             {"https://api.example.com?q", "http://localhost:8080/?q"},
             {"https://api.example.com#f", "http://localhost:8080/#f"},
             {"https://api.example.com/%7Ea%2F%2e?b=%20", "http://localhost:8080/%7Ea%2F%2e?b=%20"},
             {"https://api.example.com/a?u=/../..", "http://localhost:8080/a?u=/../.."},
             {"https://api.example.com/a#/../..", "http://localhost:8080/a#/../.."},
         }},
        rewrite_location);
  check({"http://[::1]:9000",
         "/",
         false,
         {
             {"http://[::1]:9000/x", "http://localhost:8080/x"},
             {"http://[::1]/x", kUntouched},
         }},
        rewrite_location);
}

TEST_CASE("a Location elsewhere is left alone") {
  check({"https://api.example.com",
         "/",
         false,
         {
             {"", kUntouched},
             {"x", kUntouched},
             {"../x", kUntouched},
             {"?page=2", kUntouched},
             {"#f", kUntouched},
             {"/x", kUntouched},  // the same path on the proxy
             {"http://api.example.com:8080/x", kUntouched},
             {"http://api.example.com:443.evil.com/x", kUntouched},
             {"https://api.example.com:8443/x", kUntouched},
             {"https://api.example.com.evil.com/x", kUntouched},
             {"https://xapi.example.com/x", kUntouched},
             {"https://evil.com/https://api.example.com/x", kUntouched},
             {"https://user@api.example.com/x", kUntouched},
             {"https:api.example.com/x", kUntouched},
             {"https:/api.example.com/x", kUntouched},
             {"https:///x", kUntouched},
             {"//other.example.com/x", kUntouched},
             {"ftp://api.example.com/x", kUntouched},
             {"mailto:x@api.example.com", kUntouched},
         }},
        rewrite_location);
}

TEST_CASE("a base path is taken off, and what is outside of it is left alone") {
  for (const char* upstream : {"https://crm.example.com/api", "https://crm.example.com/api/"}) {
    check({upstream,
           "/",
           false,
           {
               {"https://crm.example.com/api/v2/x", "http://localhost:8080/v2/x"},
               {"https://crm.example.com/api", "http://localhost:8080/"},
               {"https://crm.example.com/api/", "http://localhost:8080/"},
               {"https://crm.example.com/api?q", "http://localhost:8080/?q"},
               {"/api/v2/x", "/v2/x"},
               {"https://crm.example.com/other", kUntouched},
               {"https://crm.example.com/apis", kUntouched},
               {"https://crm.example.com", kUntouched},
               {"https://crm.example.com/api/../other", kUntouched},
               {"https://crm.example.com/api/%2e%2e/other", kUntouched},
               {"/other", kUntouched},
           }},
          rewrite_location);
  }
}

TEST_CASE("what is left behind a base path never names another host") {
  const std::vector<std::pair<std::string_view, std::string>> values{
      {"/base//evil.example/x", "http://localhost:8080//evil.example/x"},
      {"/base/\\evil.example/x", "http://localhost:8080/\\evil.example/x"},
      {"https://api.example.com/base//evil.example", "http://localhost:8080//evil.example"},
      {"/base/x//y", "/x//y"},
  };
  check({"https://api.example.com/base", "/", false, values}, rewrite_location);
  const auto upstream = parse_url("https://api.example.com/base");
  // A client that named no host has no origin to come back to.
  for (const char* value : {"/base//evil.example/x", "/base/\\evil.example/x"}) {
    CAPTURE(value);
    CHECK_FALSE(rewrite_location(value, {*upstream, "/", false, ""}).has_value());
  }
  check({"https://api.example.com/base",
         "/",
         false,
         {{"</base//evil.example>; rel=next", "<http://localhost:8080//evil.example>; rel=next"},
          {"<//evil.example/base>; rel=next", kUntouched}}},
        rewrite_link);
}

TEST_CASE("a stripped route prefix is put back") {
  check({"https://crm.example.com/api/",
         "/crm/",
         true,
         {
             {"https://crm.example.com/api/v2/x?y", "http://localhost:8080/crm/v2/x?y"},
             {"https://crm.example.com/api/", "http://localhost:8080/crm/"},
             {"//crm.example.com/api/x", "http://localhost:8080/crm/x"},
             {"/api/v2/x#f", "/crm/v2/x#f"},
             {"/crm/x", kUntouched},  // at the upstream, that is outside of /api
         }},
        rewrite_location);
  check({"https://crm.example.com", "/crm", true, {{"/x", "/crm/x"}, {"/", "/crm/"}}},
        rewrite_location);
}

TEST_CASE("a link that would come back on another route is left alone") {
  check({"https://crm.example.com",
         "/crm/",
         false,
         {
             {"https://crm.example.com/crm/x", "http://localhost:8080/crm/x"},
             {"https://crm.example.com/other", kUntouched},
             {"/crm/x", kUntouched},
         }},
        rewrite_location);
}

TEST_CASE("a link that its own route would refuse is left alone") {
  check({"https://api.example.com/v2",
         "/users",
         false,
         {
             {"/v2/users/x", "/users/x"},
             {"/v2/users/..", kUntouched},
             {"https://api.example.com/v2/users/%2e%2e/orders", kUntouched},
         }},
        rewrite_location);
}

TEST_CASE("each target of a Link is rewritten, and nothing beside it") {
  check({"https://crm.example.com/api",
         "/crm/",
         true,
         {
             {R"(<https://crm.example.com/api/users?page=2>; rel="next")",
              R"(<http://localhost:8080/crm/users?page=2>; rel="next")"},
             {R"(</api/a>; rel=prev,<https://other/>; rel="x",  </api/b,c>;rel="next")",
              R"(</crm/a>; rel=prev,<https://other/>; rel="x",  </crm/b,c>;rel="next")"},
             {R"(</x>; title="</api/a>, \"</api/b>", </api/c>)",
              R"(</x>; title="</api/a>, \"</api/b>", </crm/c>)"},
             {R"(<https://other/>; rel="next")", kUntouched},
             {R"(<page2>; rel="next")", kUntouched},
             {R"(<>; rel="self")", kUntouched},
             {R"(</api/a>; rel=a, </api/never closed)", R"(</crm/a>; rel=a, </api/never closed)"},
             {R"(title="never closed </api/a>)", kUntouched},
             {R"(title="\)", kUntouched},
             {"", kUntouched},
         }},
        rewrite_link);
}

TEST_CASE("an address in the other scheme leads back too: the API stands behind a TLS terminator") {
  check({"https://api.example.com",
         "/",
         false,
         {
             {"http://api.example.com/x", "http://localhost:8080/x"},
             {"HTTP://api.example.com:80/x", "http://localhost:8080/x"},
             {"http://api.example.com:443/x", "http://localhost:8080/x"},
         }},
        rewrite_location);
  check({"https://localhost:8443",
         "/",
         false,
         {
             {"http://localhost:8443/x", "http://localhost:8080/x"},
             {"http://localhost/x", kUntouched},
             {"https://localhost/x", kUntouched},
         }},
        rewrite_location);
}

TEST_CASE("any field whose value is an address of the upstream's leads back") {
  check({"https://api.example.com/v1/",
         "/",
         false,
         {
             {"https://api.example.com/v1/op/1", "http://localhost:8080/op/1"},
             {"<https://api.example.com/v1/a>; rel=x", "<http://localhost:8080/a>; rel=x"},
             {"https://elsewhere.example.com/op/1", kUntouched},
             {"/v1/op/1", kUntouched},  // only a Location is known to be relative to the request
             {"httpfoo", kUntouched},
             {"", kUntouched},
         }},
        rewrite_address);
}

TEST_CASE("the address in a Refresh field leads back") {
  check({"https://api.example.com",
         "/",
         false,
         {
             {"5; url=https://api.example.com/x", "5; url=http://localhost:8080/x"},
             {"0;URL='https://api.example.com/x'", "0;URL='http://localhost:8080/x'"},
             {"5; url=\"https://api.example.com/x\"", "5; url=\"http://localhost:8080/x\""},
             {"5; url=https://other.example.com/", kUntouched},
             {"5", kUntouched},
             {"5; url", kUntouched},
         }},
        rewrite_refresh);
}

TEST_CASE("an address of ours in a request becomes the upstream's") {
  check({"https://dav.example.com/base/",
         "/files/",
         true,
         {
             {"http://localhost:8080/files/a%20b?c#d", "https://dav.example.com/base/a%20b?c#d"},
             {"http://localhost:8080/files", "https://dav.example.com/base/"},
             {"HTTP://LOCALHOST:8080/files/x", "https://dav.example.com/base/x"},
             {"http://localhost:80801/files/x", kUntouched},
             {"http://localhost:8080@evil.com/files/x", kUntouched},
             {"http://localhost:8080/other", kUntouched},
             {"http://localhost:8080/files/../x", kUntouched},
             {"https://localhost:8080/files/x", kUntouched},
             {"/files/x", kUntouched},
         }},
        upstream_address);
}

TEST_CASE("the tags of a WebDAV If become the upstream's, its tokens stay") {
  check(
      {"https://dav.example.com/base/",
       "/files/",
       true,
       {
           {"<http://localhost:8080/files/a> (<opaquelocktoken:x>) <http://localhost:8080/files/b>",
            "<https://dav.example.com/base/a> (<opaquelocktoken:x>) "
            "<https://dav.example.com/base/b>"},
           {"<http://localhost:8080/files/a> (<urn:uuid:1> [\"e\"])",
            "<https://dav.example.com/base/a> (<urn:uuid:1> [\"e\"])"},
           {"<http://evil.example/files/a> (<opaquelocktoken:x>)", kUntouched},
           {"(<opaquelocktoken:x>)", kUntouched},
           {"<http://localhost:8080/files/a", kUntouched},
           {"<http://localhost:8080/files/../x> (<t:x>)", kUntouched},
       }},
      [](std::string_view value, const LinkMap& map) {
        return translate_tags(value,
                              [&](std::string_view url) { return upstream_address(url, map); });
      });
}

TEST_CASE("addresses of the upstream amid other text lead to the proxy, those of others stay") {
  check({"https://api.example.com/v1/",
         "/crm/",
         true,
         {
             {"page=2; at=\"https://api.example.com/v1/users?p=2\"; last",
              "page=2; at=\"http://localhost:8080/crm/users?p=2\"; last"},
             {"https://api.example.com/v1/a, https://api.example.com/v1/b https://cdn.example/c",
              "http://localhost:8080/crm/a, http://localhost:8080/crm/b https://cdn.example/c"},
             {"next:HTTP://API.example.com/v1/a", "next:http://localhost:8080/crm/a"},
             {"/v1/users?p=3", "/crm/users?p=3"},
             {"(https://api.example.com/v2/users)", kUntouched},
             {"https://api.example.com.evil.example/v1/a", kUntouched},
             {"xhttps://api.example.com/v1/a", kUntouched},
             {"://:// ://", kUntouched},
             {"", kUntouched},
         }},
        rewrite_addresses_in);
}

TEST_CASE("addresses of ours amid other text become the upstream's") {
  check({"https://api.example.com/v1/",
         "/crm/",
         true,
         {
             {"source=http://localhost:8080/crm/a other",
              "source=https://api.example.com/v1/a other"},
             {"'http://localhost:8080/crm/a','http://localhost:8080/crm/b'",
              "'https://api.example.com/v1/a','https://api.example.com/v1/b'"},
             {"http://localhost:8080/else/a", kUntouched},
             {"http://localhost:80801/crm/a", kUntouched},
         }},
        [](std::string_view text, const LinkMap& map) {
          return translate_addresses_in(
              text, [&](std::string_view url) { return upstream_address(url, map); });
        });
}
