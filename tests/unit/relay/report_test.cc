// What becomes of exchanges whose observer has a bug.
#include "relay/report.h"

#include <doctest/doctest.h>
#include <unistd.h>

#include <chrono>
#include <stdexcept>
#include <string>

#include "tests/support/captured.h"
#include "tests/support/observations.h"
#include "tests/support/raw_message.h"
#include "tests/support/relay_world.h"
#include "tests/support/said.h"

using namespace bearer;
using namespace std::chrono_literals;

namespace {

struct Mishap : std::logic_error {
  Mishap() : logic_error("Bearer one") {}
};

/// Throws at whatever happens to a request.
class BuggyObserver final : public test::Observations {
 public:
  void attempt_ended(const relay::AttemptEnd&) override { throw Mishap(); }
  void replied(const relay::Request&, const relay::LocalReply&, base::Instant) override {
    throw Mishap();
  }
  void exchange_ended(const relay::ExchangeEnd&) override { throw Mishap(); }
  void held(const relay::Request&, const relay::WaitUnderWay&, base::Instant) override {
    ++held_;
    throw Mishap();
  }
  int held_ = 0;
};

}  // namespace

TEST_CASE("an observer that throws costs no client its response or its reply") {
  BuggyObserver observer;
  test::RelayWorld world(observer);
  std::string answered, refused;
  const std::string log = test::captured(STDERR_FILENO, [&] {
    test::Wire& client = world.connect();
    client.give(test::get("/calm"));
    world.settle();
    world.upstream().give(test::answer("503 Busy", "later", "Retry-After: 30\r\n"));
    world.settle();
    world.advance(40s);
    world.upstream().give(test::answer("200 OK", "whole"));
    world.settle();
    answered = client.stream.take_written();
    test::Wire& other = world.connect();
    other.give("GET /calm HTTP/1.1\r\n\r\n");  // without a Host
    world.settle();
    refused = other.stream.take_written();
  });
  CHECK(test::says(answered, "HTTP/1.1 200"));
  CHECK(test::says(answered, "whole"));
  CHECK(test::says(refused, "HTTP/1.1 400"));
  CHECK(observer.held_ == 1);
  CHECK(test::says(log, "Mishap"));
  CHECK(test::says(log, "report it together with this line"));
  CHECK_FALSE(test::says(log, "Bearer one"));
}
