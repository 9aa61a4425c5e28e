#include "http/path.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

using namespace bearer::http;

namespace {

bool path_may_reach(std::string_view path, std::string_view prefix) {
  return PathReading(path).may_reach(prefix);
}

}  // namespace

TEST_CASE("a prefix takes whole segments of the path") {
  struct {
    const char* prefix;
    std::vector<const char*> takes;
    std::vector<const char*> leaves;
  } const cases[] = {
      {"/crm/",
       {"/crm", "/crm/", "/crm/x", "/crm?q", "/crm/?q", "/crm//"},
       {"/", "/crmx", "/CRM/", "/%63rm/", "/cr", "//crm/", "/x?/crm/", "", "*"}},
      {"/crm", {"/crm", "/crm/", "/crm/x", "/crm?q"}, {"/crmx", "/"}},
      {"/a/b/", {"/a/b", "/a/b/c"}, {"/a", "/a/", "/a/bc", "/a/x/b"}},
      {"/", {"/", "/x", "//", "?q", "", "*"}, {}},
      {"", {"/", "/x", "", "*"}, {}},
  };
  for (const auto& c : cases) {
    CAPTURE(c.prefix);
    for (const char* path : c.takes) {
      CAPTURE(path);
      CHECK(path_has_prefix(path, c.prefix));
    }
    for (const char* path : c.leaves) {
      CAPTURE(path);
      CHECK_FALSE(path_has_prefix(path, c.prefix));
    }
  }
}

TEST_CASE("what follows the prefix begins with a slash or a query, or is empty") {
  for (const char* prefix : {"/crm", "/crm/"}) {
    CHECK(after_prefix("/crm", prefix) == "");
    CHECK(after_prefix("/crm/", prefix) == "/");
    CHECK(after_prefix("/crm/x?y", prefix) == "/x?y");
    CHECK(after_prefix("/crm?y", prefix) == "?y");
    CHECK(after_prefix("/crm//x", prefix) == "//x");
  }
  CHECK(after_prefix("/x", "/") == "/x");
  CHECK(after_prefix("*", "/") == "*");
}

TEST_CASE("a path that stays under its prefix in every reading is let through") {
  for (const char* rest : {
           "",
           "/",
           "/a/b/c",
           "/.",
           "/./././a",
           "/a/..",
           "/a/../b",
           "/a/b/../..",
           "/a/%2e%2E/b",
           "/a%2fb",
           "/a%2f..%2fb",
           "/a/..;x=y/b",
           "/a;v=1/b;v=2",
           "/.../..",
           "/a/..b/.../b..",
           "/..a",
           "/%2e%2e%2e",
           "/.%2ehidden",
           "/a%20b/..",
           "/100%/..",
           "/100%25/..",
           "/100%2/..",
           "/%zz/..",
           "/a?x=/../../..",
           "/..%C3%A9/x",
           "/%20a/..",
           "/.%20.../x",
           "/%c3%80%c0",
           "/caf%c3%a9/..",
           "/%u00e9/..",
           "/%u20ac..",
           "/a%00/..",
           "?/../..",
           "/mail/folder%2Fsub/item",
           "/urls/https%3A%2F%2Fexample.com%2Fa%2Fb",
       }) {
    const std::string path = std::string("/crm") + rest;
    CAPTURE(path);
    CHECK_FALSE(path_leaves(path, "/crm/"));
    CHECK_FALSE(path_leaves(path, "/crm"));
  }
}

TEST_CASE("a path that leaves its prefix in any server's reading is found") {
  for (const char* rest : {
           "/..",
           "/../",
           "/../crm/x",
           "/..?x",
           "/./..",
           "/a/../..",
           "/a/../../crm/a",
           "/a/b/../../../x",
           "/%2e%2e",
           "/.%2E/x",
           "/%2e./x",
           "/%2e%2e/x",
           "/..%2f",
           "/..%2Fx",
           "/%2f..",
           "/%2f%2e%2e%2fx",
           "/a%2f..%2f..",
           "/a/..%2f..",
           "/..\\x",
           "/\\..",
           "/a\\..\\..",
           "/..%5cx",
           "/..%5Cx",
           "/%252e%252e/x",
           "/%252e./x",
           "/..%252f",
           "/..%255cx",
           "/%25252e%2525252E/x",
           "/..;/x",
           "/..;a=b;c/x",
           "/%2e%2e;/x",
           "/..%3bx/y",
           "/a/..;/..;/x",
           // Encodings whose digits are encoded, or that another one completes.
           "/%25%32%65%25%32%65/x",
           "/%%32e%%32e/x",
           "/%%32%65%2%65/x",
           "/..%25%32%66x",
           // Readings that differ from server to server.
           "//..",  // empty segments merged
           "/a//../..",
           "/;x/..",            // a segment that is empty without its parameters
           "/a%2fb/../..",      // one segment to a server that does not decode the slash
           "/a%5cb%2f..%2f..",  // two or three segments
           "/;%2fa/..",         // nothing, or a segment
           "/..%00/x",          // a name ends at a NUL
           "/..%3fq/x",         // or is read as a URL once more
           "/..%23/x",
           "/..%20/x",  // blanks dropped
           "/%20..%1f%00z",
           "/a/.%09./..",
           "/.%0d%0a./x",
           "/%09..%2fx",
           "/%u002e%U002E/x",  // IIS
           "/..%u005cx",
           "/%c0%ae%c0%ae/x",  // overlong UTF-8
           "/..%c0%afx",
           "/..\xc0\xafx",
           "/%c0%%61%65./x",
           "/%c0%a52e./x",
           "/a/..;%2fb/..",  // `..` to a server that drops parameters before it decodes
           "/%2f/..",
       }) {
    const std::string path = std::string("/crm") + rest;
    CAPTURE(path);
    CHECK(path_leaves(path, "/crm/"));
    CHECK(path_leaves(path, "/crm"));
  }
}

TEST_CASE("the root is a prefix that can be left too") {
  CHECK(path_leaves("/..", "/"));
  CHECK(path_leaves("/a/../..", ""));
  CHECK_FALSE(path_leaves("/a/..", "/"));
  CHECK_FALSE(path_leaves("*", "/"));
}

TEST_CASE("a path's plain form is what the server that reads most into it makes of it") {
  struct {
    const char* path;
    const char* plain;
  } const cases[] = {
      {"", "/"},
      {"*", "/*"},
      {"/", "/"},
      {"/a/b?c=/d", "/a/b"},
      {"//a///b/", "/a/b"},
      {"/./a/./b/.", "/a/b"},
      {"/a/../b", "/b"},
      {"/../../a", "/a"},
      {"/%61/%2562", "/a/b"},
      {"/%25%36%31/%%36%32/%2%35%363", "/a/b/c"},
      {"/a%2fb%5cc\\d", "/a/b/c/d"},
      {"/a;x=1/b;y/;z", "/a/b"},
      {"/a%3bx/b", "/a/b"},
      {"/100%/%zz", "/100%/%zz"},
  };
  for (const auto& c : cases) {
    CAPTURE(c.path);
    CHECK(plain_path(c.path) == c.plain);
  }
}

TEST_CASE("a path may reach a prefix however it is spelled") {
  for (const char* path : {
           "/a/admin",
           "/a/admin/",
           "/a/admin/x?y",
           "//a//admin",
           "/./a/./admin",
           "/%61/admin",
           "/a/%61dmin",
           "/a/%2561dmin",
           "/a/%%361dmin",
           "/a%2fadmin",
           "/a%252Fadmin",
           "/a\\admin",
           "/a%5cadmin/x",
           "/a;v=1/admin;x",
           "/a%3bv/admin",
           "/;x/a/admin",
           "/x/../a/admin",
           "/x/%2e%2e/a/admin",
           "/../a/admin",
           // Servers differ in what a `..` takes away.
           "/a%2fb/../admin",
           "/a/b/../admin",
           "/x/a/y/../../admin",
           "/A/aDMIN",
           "/%41/x/../%61%44min",
           // Some servers drop what ends a name, or read it once more.
           "/a/admin.",
           "/a./admin%20%2e",
           "/a/admin%00.txt",
           "/a/admin%3fx=1",
           "/a/x/../admin%23x",
           "/a%09/admin",
           "/a/ad%0amin",
           "/a/%u0061dmin",
           "/a%c0%afadmin",
           "/a%c1%9cadmin",
           "/a/x/..%20/admin",
           // What belongs to a thing is under it.
           "/a/admin(42)",
           "/a/admin('x')/name",
           "/a/admin:export",
           "/a/admin.json",
           "/a/ADMIN::$DATA",
           "/a/admin,x",
           "/a/x/../admin(1)",
       }) {
    CAPTURE(path);
    CHECK(path_may_reach(path, "/a/admin"));
    CHECK(path_may_reach(path, "/a/admin/"));
  }
}

TEST_CASE("a path that no server reads under a prefix does not reach it") {
  for (const char* path : {
           "/",
           "*",
           "",
           "/a",
           "/admin",
           "/a/admins",
           "/a/x/admin",
           "/x/a/admin",
           "/admin/a",
           "/a?x=/a/admin",
           "/a/../x",
           "/admin/../a",
           "/a/%2zadmin",
           "/a/.admin",
           "/a/admin-txt",
           "/a/admin_(1)",
           "/a/x/../administration",
           "/a/%00admin",
       }) {
    CAPTURE(path);
    CHECK_FALSE(path_may_reach(path, "/a/admin"));
  }
  CHECK(path_may_reach("/anything", "/"));
}

TEST_CASE("a path is read in time that grows with its length, whatever is in it") {
  for (const std::string& unit :
       {std::string("%25"), std::string("25"), std::string("a/"), std::string("../"),
        std::string("%2e%2e%2f"), std::string(";/")}) {
    std::string path = "/%";
    while (path.size() < 4'000'000) path += unit;  // minutes, were it not linear
    const PathReading reading(path);
    CHECK_FALSE(reading.may_reach("/no/such/name"));
    CHECK(reading.leaves("/") == (unit == "../" || unit == "%2e%2e%2f"));
  }
}

TEST_CASE("a target has one slash at the seam and every other byte as it came") {
  struct {
    const char* base;
    const char* rest;
    const char* expected;
  } const cases[] = {
      {"", "/", "/"},
      {"/", "/", "/"},
      {"", "", "/"},
      {"/", "", "/"},
      {"", "?q", "/?q"},
      {"/", "/v2/x?y=/z", "/v2/x?y=/z"},
      {"/api/", "/v2/x", "/api/v2/x"},
      {"/api", "/v2/x", "/api/v2/x"},
      {"/api/", "", "/api/"},
      {"/api", "", "/api"},
      {"/api/", "?q", "/api/?q"},
      {"/api", "?q", "/api?q"},
      {"/api/", "//x/./%2E", "/api//x/./%2E"},
      {"", "//x", "//x"},
      {"", "*", "*"},
      {"/", "*", "*"},
      {"/api/", "*", "/api/"},
  };
  for (const auto& c : cases) {
    CAPTURE(c.base);
    CAPTURE(c.rest);
    std::string out = "GET ";
    append_target(out, c.base, c.rest);
    CHECK(out == std::string("GET ") + c.expected);
  }
}
