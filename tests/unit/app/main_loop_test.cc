#include "app/main_loop.h"

#include <doctest/doctest.h>

#include <thread>
#include <vector>

using bearer::app::MainLoop;

TEST_CASE("what is posted runs in its order, on the thread that runs the inbox") {
  MainLoop main_loop;
  std::vector<int> done;
  std::thread::id ran_on;
  std::thread other([&] {
    main_loop.post([&] { done.push_back(1); });
    main_loop.post([&] {
      done.push_back(2);
      ran_on = std::this_thread::get_id();
    });
    main_loop.stop();
  });
  main_loop.run();
  other.join();
  CHECK(done == std::vector{1, 2});
  CHECK(ran_on == std::this_thread::get_id());
}

TEST_CASE("a task may post another, and end the run after it") {
  MainLoop main_loop;
  bool done = false;
  main_loop.post([&] {
    main_loop.post([&] { done = true; });
    main_loop.stop();
  });
  main_loop.run();
  CHECK(done);
}

TEST_CASE("what was posted before leave() is done, also if it was said first") {
  MainLoop main_loop;
  bool done = false;
  main_loop.post([&] { done = true; });
  main_loop.stop();
  main_loop.run();
  CHECK(done);
}
