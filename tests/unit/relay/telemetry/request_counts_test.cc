#include "relay/telemetry/request_counts.h"

#include <doctest/doctest.h>

#include <string_view>

using namespace bearer;
using http::Method;
using relay::counted_method;
using relay::kCountedMethods;
using relay::MethodAndStatus;
using relay::RequestCounts;

namespace {

std::string_view name_of(std::string_view method) {
  return kCountedMethods[counted_method(http::method(method), method)];
}

}  // namespace

TEST_CASE("every status from 100 to 999 is counted by itself, also where nobody registered it") {
  RequestCounts counts;
  CHECK(counts.empty());
  CHECK(counts.read().empty());
  for (int round = 0; round < 2; ++round) {
    for (int status = 999; status >= 100; --status) counts.add({3, status});
  }
  counts.add({3, 0});
  CHECK_FALSE(counts.empty());
  const relay::RequestTotals totals = counts.read();
  CHECK(totals.size() == 901);
  CHECK(totals.begin()->first == MethodAndStatus{3, 0});
  CHECK(totals.at({3, 0}) == 1);
  for (int status = 100; status <= 999; ++status) {
    CAPTURE(status);
    CHECK(totals.at({3, status}) == 2);
  }
}

TEST_CASE("the same status of two methods is two counts") {
  RequestCounts counts;
  for (int i = 0; i < 3; ++i) counts.add({0, 418});
  counts.add({4, 418});
  CHECK(counts.read() == relay::RequestTotals{{{0, 418}, 3}, {{4, 418}, 1}});
}

TEST_CASE("a registered method is counted under its name, every other one as other") {
  for (const std::string_view method :
       {"GET", "PATCH", "DELETE", "MKCOL", "LOCK", "SEARCH", "QUERY", "VERSION-CONTROL"}) {
    CHECK(name_of(method) == method);
  }
  for (const std::string_view method : {"get", "Mkcol", "QUERYX", "PURGE", "other", ""}) {
    CHECK(name_of(method) == "other");
  }
  CHECK(counted_method(Method::put, "") == static_cast<relay::CountedMethod>(Method::put));
}
