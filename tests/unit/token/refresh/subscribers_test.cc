#include "token/refresh/subscribers.h"

#include <doctest/doctest.h>
#include <unistd.h>

#include <atomic>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>

#include "tests/support/captured.h"
#include "tests/support/said.h"

using namespace bearer;

TEST_CASE("a subscriber is told until its handle is gone") {
  token::Subscribers subscribers;
  int first = 0;
  int second = 0;
  auto one = subscribers.add([&] { ++first; });
  auto two = subscribers.add([&] { ++second; });
  subscribers.notify();
  one.reset();
  subscribers.notify();
  CHECK(first == 1);
  CHECK(second == 2);
}

TEST_CASE("a subscriber may end its own subscription") {
  token::Subscribers subscribers;
  int calls = 0;
  std::unique_ptr<token::Subscription> handle;
  handle = subscribers.add([&] {
    ++calls;
    handle.reset();
  });
  subscribers.notify();
  subscribers.notify();
  CHECK(calls == 1);
}

TEST_CASE("a subscription that an earlier callback ended is not called any more") {
  token::Subscribers subscribers;
  std::unique_ptr<token::Subscription> later;
  const auto earlier = subscribers.add([&] { later.reset(); });
  int calls = 0;
  later = subscribers.add([&] { ++calls; });
  subscribers.notify();
  CHECK(calls == 0);
}

TEST_CASE("the handle's destructor waits for a call that is under way") {
  token::Subscribers subscribers;
  std::atomic<bool> entered = false;
  std::atomic<bool> leave = false;
  std::atomic<bool> left = false;
  auto handle = subscribers.add([&] {
    entered = true;
    entered.notify_all();
    leave.wait(false);
    left = true;
  });
  std::thread notifier([&] { subscribers.notify(); });
  entered.wait(false);
  std::thread releaser([&] {
    leave = true;
    leave.notify_all();
  });
  handle.reset();
  CHECK(left);
  notifier.join();
  releaser.join();
}

TEST_CASE("a subscriber that throws is told again, and keeps nobody else from being told") {
  struct Blunder : std::runtime_error {
    using std::runtime_error::runtime_error;
  };
  token::Subscribers subscribers;
  int before = 0;
  int failing = 0;
  int after = 0;
  const auto one = subscribers.add([&] { ++before; });
  auto two = subscribers.add([&] {
    ++failing;
    throw Blunder("secret-5519");
  });
  const auto three = subscribers.add([&] { ++after; });
  const std::string log = test::captured(STDERR_FILENO, [&] {
    subscribers.notify();
    subscribers.notify();
  });
  CHECK(before == 2);
  CHECK(failing == 2);
  CHECK(after == 2);
  CHECK(test::says(log, "a subscriber could not be told of a credential's change"));
  CHECK(test::says(log, "Blunder"));
  CHECK_FALSE(test::says(log, "secret-5519"));
  two.reset();  // the throw has left nothing locked
  subscribers.notify();
  CHECK(failing == 2);
  CHECK(after == 3);
}
