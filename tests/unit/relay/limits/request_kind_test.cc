#include "relay/limits/request_kind.h"

#include <doctest/doctest.h>

#include <string>

using bearer::relay::request_kind;

TEST_CASE("requests of one method and one shape of path are of one kind") {
  const auto kind = request_kind("GET", "/api/v2/users/17/orders");
  for (const char* same :
       {"/api/v2/users/18/orders", "/api/v2/users/18/orders?page=2", "/api/v2/users/a1b2-c3/orders",
        "/api/v2/users/0123456789012345678901234567890123456789/orders",
        "/api/v2/users/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa/orders"}) {
    CAPTURE(std::string(same));
    CHECK(request_kind("GET", same) == kind);
  }
  for (const char* other : {"/api/v2/users/17", "/api/v2/users/me/orders",
                            "/api/v1/users/17/orders", "/api/v2/groups/17/orders",
                            "/api/v2/users/17/orders/5", "/", "", "*", "/api/v2/users/17orders"}) {
    CAPTURE(std::string(other));
    CHECK(request_kind("GET", other) != kind);
  }
  CHECK(request_kind("POST", "/api/v2/users/17/orders") != kind);
  CHECK(request_kind("GET", "/search") != request_kind("GET", "/core"));
  CHECK(request_kind("", "") != 0);
}
