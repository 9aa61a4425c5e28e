#include "token/refresh/subscribers.h"

#include <doctest/doctest.h>

#include <atomic>
#include <memory>
#include <thread>

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
