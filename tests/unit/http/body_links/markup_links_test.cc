#include "http/body_links/markup_links.h"

#include <doctest/doctest.h>

#include <string>
#include <string_view>

#include "tests/unit/http/body_links/rewriting.h"

using namespace bearer::http;

namespace {

constexpr std::string_view kProxy = "http://localhost:7070";

struct Route {
  Url upstream;
  std::string prefix = "/";
  bool strip_prefix = false;
};

const Route kFeeds{parse_url("https://feeds.example.org").value()};
const Route kShop{parse_url("https://shop.example.org:8443/v1").value(), "/shop/", true};

void check(const Route& route, std::string_view body, std::string_view expected) {
  const LinkMap map{route.upstream, route.prefix, route.strip_prefix, kProxy};
  test::check([&] { return std::make_unique<MarkupLinks>(to_proxy(map)); }, body, expected);
}

void check_untouched(std::string_view body) {
  check(kFeeds, body, body);
}

}  // namespace

TEST_CASE("links in attributes and in text become the proxy's") {
  check(kFeeds, R"(<link rel="next" href="https://feeds.example.org/a?page=2&amp;n=5"/>)",
        R"(<link rel="next" href="http://localhost:7070/a?page=2&amp;n=5"/>)");
  check(kFeeds, "<id>https://feeds.example.org/entries(7)</id>",
        "<id>http://localhost:7070/entries(7)</id>");
  check(kFeeds, "<a href='HTTP://Feeds.Example.org:80/x'>HTTPS://feeds.example.org</a>",
        "<a href='http://localhost:7070/x'>http://localhost:7070/</a>");
  check(kFeeds, "<a class=x href=https://feeds.example.org/x>",
        "<a class=x href=http://localhost:7070/x>");
  check(kFeeds, "<soap:address location = \"https://feeds.example.org/soap\" />",
        "<soap:address location = \"http://localhost:7070/soap\" />");
  check(kFeeds, "https://feeds.example.org/x", "http://localhost:7070/x");
  check(kShop,
        "<a href=\"https://shop.example.org:8443/v1/p\">(https://shop.example.org:8443/v1)</a>",
        "<a href=\"http://localhost:7070/shop/p\">(https://shop.example.org:8443/v1)</a>");
}

TEST_CASE("each link of a list is rewritten, and the one of a refresh") {
  check(kFeeds,
        R"(<img srcset="https://feeds.example.org/1.png 1x, https://feeds.example.org/2.png 2x">)",
        R"(<img srcset="http://localhost:7070/1.png 1x, http://localhost:7070/2.png 2x">)");
  check(kFeeds, R"(<meta content="5;url=https://feeds.example.org/x">)",
        R"(<meta content="5;url=http://localhost:7070/x">)");
  check(kFeeds, "body { background: url(https://feeds.example.org/x.png) }",
        "body { background: url(http://localhost:7070/x.png) }");
}

TEST_CASE("names of namespaces stay as they are, for they lead nowhere") {
  check_untouched(R"(<feed xmlns="https://feeds.example.org/ns">)");
  check_untouched(R"(<feed xmlns:d = 'http://feeds.example.org/ns' x="y">)");
  check_untouched(R"(<definitions targetNamespace="http://feeds.example.org/soap">)");
  check_untouched(R"(<soap:operation soapAction="http://feeds.example.org/soap#Get"/>)");
  check_untouched(R"(<import namespace="http://feeds.example.org/types"/>)");
  check(kFeeds, R"(<import schemaLocation="http://feeds.example.org/t.xsd" nonamespace="x"/>)",
        R"(<import schemaLocation="http://localhost:7070/t.xsd" nonamespace="x"/>)");
}

TEST_CASE("a link inside another URL, elsewhere, or in the middle of a word is left alone") {
  for (const std::string_view body :
       {R"(<a href="https://login.example.org/?return=https://feeds.example.org/x">)",
        R"(<a href="/go?u=https://feeds.example.org/x&amp;v=https://feeds.example.org/y">)",
        R"(<a href="/go?a=1&amp;url=https://feeds.example.org/x">)",
        R"(<a href="https://feeds.example.org.evil.example/x">)",
        R"(<a href="https://feeds.example.org:9999/x">)",
        R"(<a href="https://user@feeds.example.org/x">)",
        R"(<a href="//feeds.example.org/x">)",
        R"(<a href="ftp://feeds.example.org/x">)",
        "xhttps://feeds.example.org/x",
        "https:&#x2F;&#x2F;feeds.example.org/x",
        "https://https://feeds.example.org/x",
        "",
        "h",
        "https",
        "https:/",
        "https://",
        "https://feeds.example.or",
        "://",
        "<a href=\"h",
        "\x01\xff\xfe"}) {
    CAPTURE(body);
    check_untouched(body);
  }
  check(kShop,
        "<a href=\"https://shop.example.org:8443/v2\"/><a "
        "href=\"https://shop.example.org:8443/v1/../v2\"/>",
        "<a href=\"https://shop.example.org:8443/v2\"/><a "
        "href=\"https://shop.example.org:8443/v1/../v2\"/>");
}

TEST_CASE("a prefix with a character that markup knows is escaped") {
  const Route route{parse_url("https://feeds.example.org").value(), "/a&b/", true};
  check(route, "<id>https://feeds.example.org/x</id>", "<id>http://localhost:7070/a&amp;b/x</id>");
}

TEST_CASE("a link that no request line could hold is left alone, with all that is in it") {
  const std::string beginning = "https://feeds.example.org/";
  for (const std::size_t more : {0U, 1U}) {
    const std::string link = beginning +
                             std::string(kLinkBytesMax + more - beginning.size() - 28, 'x') +
                             ",https://feeds.example.org/y";
    const std::string body = "<a href=\"" + link + "\">https://feeds.example.org/z</a>";
    const std::string mapped =
        more == 0 ? std::string(kProxy) + link.substr(beginning.size() - 1) : link;
    const std::string expected = "<a href=\"" + mapped + "\">" + std::string(kProxy) + "/z</a>";
    for (const std::size_t bytes :
         {body.size(), body.size() / 2, std::size_t{4096}, std::size_t{1}}) {
      CAPTURE(bytes);
      const LinkMap map{kFeeds.upstream, "/", false, kProxy};
      const auto make = [&] { return std::make_unique<MarkupLinks>(to_proxy(map)); };
      CHECK(test::rewritten(make, test::cut(body, bytes)) == expected);
    }
  }
}
