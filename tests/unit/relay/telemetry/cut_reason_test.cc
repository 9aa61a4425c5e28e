#include "relay/telemetry/cut_reason.h"

#include <doctest/doctest.h>

#include <set>
#include <string_view>

using namespace bearer;
using base::Errc;
using relay::cut_reason;
using relay::CutReason;

TEST_CASE("a cut is counted by whose fault it was") {
  CHECK(cut_reason(Errc::client_left) == CutReason::client_left);
  CHECK(cut_reason(Errc::client_stalled) == CutReason::client_stalled);
  CHECK(cut_reason(Errc::response_incomplete) == CutReason::upstream_closed);
  CHECK(cut_reason(Errc::connection_lost) == CutReason::upstream_closed);
  CHECK(cut_reason(Errc::response_timeout) == CutReason::upstream_silent);
  CHECK(cut_reason(Errc::response_malformed) == CutReason::response_malformed);
  CHECK(cut_reason(Errc::request_timeout) == CutReason::request_failed);
  CHECK(cut_reason(Errc::draining) == CutReason::other);
}

TEST_CASE("every reason of a cut has a name of its own") {
  const std::set<std::string_view> names(relay::kCutNames.begin(), relay::kCutNames.end());
  CHECK(names.size() == static_cast<std::size_t>(CutReason::other) + 1);
}
