#include "relay/body/replay_budget.h"

#include <doctest/doctest.h>

#include <thread>
#include <vector>

using namespace bearer;
using relay::ReplayBudget;

namespace {

constexpr std::uint64_t kRoom = 1ULL << 60;

}  // namespace

TEST_CASE("a share is given as a whole or not at all, and comes back at its end") {
  ReplayBudget budget({.disk_bytes_max = 1000, .memory_bytes_max = 100});
  {
    ReplayBudget::Share one(&budget), other(&budget);
    CHECK(one.take_memory(60));
    CHECK_FALSE(other.take_memory(41));
    CHECK(other.take_memory(40));
    CHECK_FALSE(one.take_memory(1));
    CHECK(one.take_disk(999, kRoom));
    CHECK_FALSE(other.take_disk(2, kRoom));
    CHECK(other.take_disk(1, kRoom));
    CHECK(budget.memory_bytes() == 100);
    CHECK(budget.disk_bytes() == 1000);
    one.give_back();
    CHECK(budget.memory_bytes() == 40);
    CHECK(other.take_disk(999, kRoom));
    one.give_back();  // nothing is left to be given back
    CHECK(budget.disk_bytes() == 1000);
  }
  CHECK(budget.memory_bytes() == 0);
  CHECK(budget.disk_bytes() == 0);
}

TEST_CASE("kept bodies leave others as much of a disk as they take of it") {
  ReplayBudget budget({.disk_bytes_max = 1000});
  ReplayBudget::Share one(&budget), other(&budget);
  CHECK(one.take_disk(60, 140));  // of 140 that were free
  CHECK(other.take_disk(10, 80));
  CHECK_FALSE(other.take_disk(1, 70));
  CHECK_FALSE(one.take_disk(1, 0));
  CHECK(budget.disk_bytes() == 70);
  CHECK(one.take_disk(930, kRoom));  // somebody tidied up
}

TEST_CASE("without a budget there is no limit") {
  ReplayBudget::Share share(nullptr);
  CHECK(share.take_memory(1ULL << 50));
  CHECK(share.take_disk(1ULL << 50, kRoom));
  share.give_back();
}

TEST_CASE("threads that take and give back at once never have more than there is") {
  constexpr std::uint64_t kMost = 3;
  ReplayBudget budget({.disk_bytes_max = kMost, .memory_bytes_max = 0});
  std::atomic<std::uint64_t> held{0}, most{0};
  std::vector<std::thread> threads;
  for (int i = 0; i < 6; ++i) {
    threads.emplace_back([&] {
      for (int turn = 0; turn < 2000; ++turn) {
        ReplayBudget::Share share(&budget);
        if (!share.take_disk(1, kRoom)) continue;
        const std::uint64_t now = ++held;
        std::uint64_t before = most;
        while (before < now && !most.compare_exchange_weak(before, now)) {
        }
        --held;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  CHECK(most <= kMost);
  CHECK(budget.disk_bytes() == 0);
}

TEST_CASE("bodies take an eighth of the memory, and files that lie in memory a quarter") {
  constexpr std::uint64_t kGiB = 1ULL << 30, kMiB = 1ULL << 20;
  CHECK(ReplayBudget::limits(kGiB, 64 * kMiB, false).disk_bytes_max == kGiB);
  CHECK(ReplayBudget::limits(kGiB, 64 * kMiB, false).memory_bytes_max == 8 * kMiB);
  CHECK(ReplayBudget::limits(kGiB, 64 * kMiB, true).disk_bytes_max == 16 * kMiB);
  CHECK(ReplayBudget::limits(kMiB, 64 * kMiB, true).disk_bytes_max == kMiB);
}

TEST_CASE("where bodies have taken half of their memory, little of each is read at once") {
  constexpr std::uint64_t kGiB = 1ULL << 30, kMiB = 1ULL << 20;
  ReplayBudget budget(ReplayBudget::limits(kGiB, 64 * kMiB, false));
  CHECK(budget.piece_bytes() == 64u << 10);
  {
    ReplayBudget::Share share(&budget);
    REQUIRE(share.take_memory(4 * kMiB));
    CHECK(budget.piece_bytes() == 64u << 10);
    REQUIRE(share.take_memory(1));
    CHECK(budget.piece_bytes() == 8u << 10);
  }
  CHECK(budget.piece_bytes() == 64u << 10);
  CHECK(ReplayBudget(ReplayBudget::limits(kGiB, 8 * kGiB, false)).piece_bytes() == 8 * kMiB);
}
