#include "app/inbox.h"

#include <doctest/doctest.h>

#include <thread>
#include <vector>

namespace app_inbox_test {

using bearer::app::Inbox;

TEST_CASE("what is posted runs in its order, on the thread that runs the inbox") {
  Inbox inbox;
  std::vector<int> done;
  std::thread::id ran_on;
  std::thread other([&] {
    inbox.post([&] { done.push_back(1); });
    inbox.post([&] {
      done.push_back(2);
      ran_on = std::this_thread::get_id();
    });
    inbox.leave();
  });
  inbox.run();
  other.join();
  CHECK(done == std::vector{1, 2});
  CHECK(ran_on == std::this_thread::get_id());
}

TEST_CASE("a task may post another, and end the run after it") {
  Inbox inbox;
  bool done = false;
  inbox.post([&] {
    inbox.post([&] { done = true; });
    inbox.leave();
  });
  inbox.run();
  CHECK(done);
}

TEST_CASE("what was posted before leave() is done, also if it was said first") {
  Inbox inbox;
  bool done = false;
  inbox.post([&] { done = true; });
  inbox.leave();
  inbox.run();
  CHECK(done);
}

}  // namespace app_inbox_test
