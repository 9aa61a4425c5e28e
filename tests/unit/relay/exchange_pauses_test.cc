// Pauses that others begin again and again, and quotas whose reset outlasts every window.
#include <doctest/doctest.h>

#include <chrono>
#include <string>

#include "relay/exchange.h"
#include "tests/unit/relay/exchange_fixture.h"

using namespace bearer;
using namespace std::chrono_literals;
using namespace bearer::test::exchanging;

namespace {

/// Okta's words for a quota that is full again in ten minutes.
std::string refusal(const test::RelayWorld& world) {
  const auto reset =
      std::chrono::ceil<std::chrono::seconds>((world.clock.wall() + 10min).time_since_epoch());
  return answer("429 Too Many Requests", "",
                "X-Rate-Limit-Limit: 600\r\nX-Rate-Limit-Remaining: 0\r\nX-Rate-Limit-Reset: " +
                    std::to_string(reset.count()) + "\r\n");
}

struct Refused : Fixture {
  Refused() {
    Wire& client = ask(get("/users/7"));
    take(world.upstream());
    respond(refusal(world));
    CHECK(take(client).status() == 429);
  }
  /// The response to a request that the upstream answers so, if it gets it.
  RawMessage asked(const std::string& path, const std::string& says) {
    Wire& client = ask(get(path));
    reached = !nothing_at(world.upstream());
    if (reached) {
      take(world.upstream());
      respond(says);
    }
    return take(client);
  }
  bool reached = false;
};

}  // namespace

TEST_CASE_FIXTURE(Refused, "others of the kind that was refused for long do not reach the API") {
  const RawMessage response = asked("/users/8?page=2", answer("200 OK"));
  CHECK_FALSE(reached);
  CHECK(response.status() == 429);
  CHECK(response.value("Proxy-Status").find("error=destination_unavailable") != std::string::npos);
  CHECK(response.value("Retry-After") == "600");
  world.advance(10min);
  CHECK(asked("/users/8", answer("200 OK")).status() == 200);
}

TEST_CASE_FIXTURE(Refused, "one tries now and then whether it is over, and if so all may go") {
  world.advance(31s);
  CHECK(asked("/users/8", refusal(world)).status() == 429);
  CHECK(reached);
  CHECK(asked("/users/9", refusal(world)).status() == 429);
  CHECK_FALSE(reached);
  world.advance(31s);
  CHECK(asked("/users/9", answer("200 OK")).status() == 200);
  CHECK(asked("/users/10", answer("200 OK")).status() == 200);
}

TEST_CASE_FIXTURE(Refused, "requests of another kind go on, as long as they are served") {
  CHECK(asked("/groups", answer("200 OK")).status() == 200);
  CHECK(asked("/orders", refusal(world)).status() == 429);
  CHECK(asked("/groups", answer("200 OK")).status() == 200);
  CHECK(asked("/orders", answer("200 OK")).status() == 429);
  CHECK_FALSE(reached);
}

TEST_CASE_FIXTURE(Refused, "where another kind is refused too, the whole route pauses") {
  CHECK(asked("/orders", refusal(world)).status() == 429);
  CHECK(reached);
  CHECK(asked("/groups", answer("200 OK")).status() == 429);
  CHECK_FALSE(reached);
}

// ── Pauses that are renewed ──

namespace {

struct Renewed : Fixture {
  void pause(base::Duration length) { world.route().pause.begin(world.clock.now(), length); }
  bool reached() const { return !upstream_was_dialed(0); }
};

}  // namespace

TEST_CASE_FIXTURE(Renewed, "who has waited out two pauses goes, although others begin new ones") {
  pause(10s);
  ask(get("/core"));
  world.advance(9s);
  pause(10s);
  world.advance(6s);  // the first one's end, and all of its spread
  CHECK_FALSE(reached());
  world.advance(3s);
  pause(10s);
  CHECK_FALSE(reached());
  world.advance(6s);
  CHECK(reached());
}

TEST_CASE_FIXTURE(Renewed, "who has waited out a pause goes where a new one outlasts its window") {
  pause(10s);
  Wire& client = ask(get("/core", "Prefer: wait=20\r\n"));
  world.advance(9s);
  SUBCASE("if that is no long one") {
    pause(20s);
    world.advance(6s);
    CHECK(reached());
    CHECK(nothing_at(client));
  }
  SUBCASE("else it is refused") {
    pause(1h);
    world.advance(6s);
    CHECK_FALSE(reached());
    CHECK(take(client).status() == 429);
  }
}
