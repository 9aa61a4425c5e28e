#include "http/path_pattern.h"

#include <doctest/doctest.h>

#include <string>
#include <string_view>

using namespace bearer;
using http::PathPattern;

namespace {

bool matches(std::string_view pattern, std::string_view path) {
  const auto parsed = PathPattern::parse(pattern);
  REQUIRE(parsed);
  return parsed->matches(path);
}

}  // namespace

TEST_CASE("a path pattern stands for itself, byte for byte") {
  CHECK(matches("/search", "/search"));
  CHECK(matches("/search", "/search?q=1"));
  CHECK_FALSE(matches("/search", "/Search"));
  CHECK_FALSE(matches("/search", "/search/"));
  CHECK_FALSE(matches("/search", "/searches"));
  CHECK_FALSE(matches("/search", "/a/search"));
  CHECK(matches("/", "/"));
  CHECK_FALSE(matches("/", "/a"));
}

TEST_CASE("one star stands for a part of a segment, or for all of it") {
  CHECK(matches("/api/*/query", "/api/users/query"));
  CHECK(matches("/api/*/query", "/api//query"));
  CHECK_FALSE(matches("/api/*/query", "/api/query"));
  CHECK_FALSE(matches("/api/*/query", "/api/a/b/query"));
  CHECK(matches("/v*/items:*Get", "/v12/items:batchGet"));
  CHECK_FALSE(matches("/v*/items:*Get", "/v12/items:batchGets"));
  CHECK(matches("/a*b*c", "/aXbYbZc"));
  CHECK_FALSE(matches("/a*b*c", "/aXcYc"));
}

TEST_CASE("two stars stand for any number of segments, none included") {
  CHECK(matches("/api/v2/**/query", "/api/v2/analytics/conversations/details/query"));
  CHECK(matches("/api/v2/**/query", "/api/v2/query"));
  CHECK(matches("/api/v2/**/query", "/api/v2/query/x/query"));
  CHECK_FALSE(matches("/api/v2/**/query", "/api/v2/analytics/query/jobs"));
  CHECK_FALSE(matches("/api/v2/**/query", "/api/v2"));
  CHECK(matches("/**", "/"));
  CHECK(matches("/**", "/a/b"));
  CHECK(matches("/a/**/b/**/c", "/a/x/b/y/b/c"));
  CHECK_FALSE(matches("/a/**/b/**/c", "/a/x/y/c"));
}

TEST_CASE("what is no path is no pattern, and what is no path matches none") {
  for (const std::string_view text : {"", "search", "*", "/a b", "/a?b", "/a#b", "/\xc3\xa4"}) {
    CAPTURE(text);
    CHECK_FALSE(PathPattern::parse(text));
  }
  CHECK_FALSE(matches("/**", ""));
  CHECK_FALSE(matches("/**", "*"));
  CHECK_FALSE(matches("/**", "?a=1"));
}

TEST_CASE("the worst pattern and path end soon") {
  std::string pattern, path;
  for (int i = 0; i < 200; ++i) pattern += "/**/a*a*a*b";
  for (int i = 0; i < 2000; ++i) path += "/aaaaaaaa";
  CHECK_FALSE(matches(pattern, path));
}
