#include "admin/request_filter.h"

#include <doctest/doctest.h>

using bearer::admin::request_filter;

TEST_CASE("a query names a route, those that failed and how many") {
  CHECK(request_filter("")->route.empty());
  CHECK_FALSE(request_filter("")->failed);
  CHECK(request_filter("route=%2Fcrm%2Fa+b%21&failed=1")->route == "/crm/a b!");
  CHECK(request_filter("failed=true")->failed);
  CHECK_FALSE(request_filter("failed=0")->failed);
  CHECK(request_filter("limit=7")->most == 7);
  CHECK(request_filter("")->most == 512);
  CHECK(request_filter("limit=1733")->most == 1733);
  CHECK(request_filter("limit=18446744073709551615")->most > 1'000'000);
  CHECK(request_filter("route=")->route.empty());
}

TEST_CASE("a query that says anything else is refused") {
  for (const char* query : {"rout=/", "failed=yes", "failed", "limit=0", "limit=-1",
                            "limit=", "limit=18446744073709551616", "route=%2", "route=%zz",
                            "route=/&&failed=1", "=1"}) {
    CAPTURE(query);
    CHECK_FALSE(request_filter(query));
  }
}
