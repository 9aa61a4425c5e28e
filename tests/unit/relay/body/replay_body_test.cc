#include "relay/body/replay_body.h"

#include <doctest/doctest.h>
#include <sys/resource.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <filesystem>
#include <string>

#include "tests/support/scoped_environment.h"
#include "tests/support/temporary_directory.h"

using namespace bearer;
using base::Errc;
using relay::ReplayBody;

namespace {

/// The kept data from `offset` on, run by run.
std::string read(const ReplayBody& body, std::uint64_t offset = 0) {
  std::string all;
  std::array<char, 7> scratch;
  while (offset + all.size() < body.size()) {
    const auto run = body.read(offset + all.size(), scratch);
    REQUIRE(run.has_value());
    REQUIRE_FALSE(run->empty());
    all += *run;
  }
  return all;
}

/// No spill file can be made while this lives.
struct NoDisk {
  test::TemporaryDirectory directory;
  test::ScopedEnvironment tmpdir{"TMPDIR", directory.path("missing")};
};

/// No file can be longer than this.
struct LittleDisk {
  explicit LittleDisk(rlim_t bytes) {
    getrlimit(RLIMIT_FSIZE, &before);
    const rlimit little{bytes, before.rlim_max};
    setrlimit(RLIMIT_FSIZE, &little);
  }
  ~LittleDisk() {
    setrlimit(RLIMIT_FSIZE, &before);
    std::signal(SIGXFSZ, handler);
  }

  void (*handler)(int) = std::signal(SIGXFSZ, SIG_IGN);
  rlimit before{};
};

}  // namespace

TEST_CASE("a body is kept in memory up to the limit, and in a file beyond") {
  const std::string data = "0123456789abcdefghijklmnopqrstuvwxyz";
  for (const std::size_t memory : {0u, 1u, 10u, 35u, 36u, 100u}) {
    for (const std::size_t piece : {1u, 3u, 10u, 36u}) {
      CAPTURE(memory);
      CAPTURE(piece);
      ReplayBody body({.bytes_max = 36, .memory_bytes_max = memory});
      for (std::size_t at = 0; at < data.size(); at += piece) {
        REQUIRE(body.append(std::string_view(data).substr(at, piece)).has_value());
      }
      CHECK(body.whole());
      CHECK(body.size() == data.size());
      for (const std::size_t offset : {0u, 9u, 10u, 11u, 35u}) {
        CHECK(read(body, offset) == data.substr(offset));
      }
    }
  }
}

TEST_CASE("a body that fits into memory touches no disk") {
  const NoDisk no_disk;
  ReplayBody body({.bytes_max = 100, .memory_bytes_max = 10});
  CHECK(body.append("01234").has_value());
  CHECK(body.append("56789").has_value());
  CHECK(read(body) == "0123456789");
}

TEST_CASE("from the first byte too many on nothing is kept, and that is no error") {
  for (const std::size_t memory : {0u, 5u, 100u}) {
    ReplayBody body({.bytes_max = 10, .memory_bytes_max = memory});
    REQUIRE(body.append("0123456789").has_value());
    CHECK(body.whole());
    REQUIRE(body.append("!").has_value());
    CHECK_FALSE(body.whole());
    CHECK(body.size() == 0);
    REQUIRE(body.append("more").has_value());
    CHECK_FALSE(body.whole());
    CHECK(body.size() == 0);
  }
}

TEST_CASE("a limit of nothing keeps an empty body only") {
  ReplayBody body({.bytes_max = 0, .memory_bytes_max = 0});
  CHECK(body.append("").has_value());
  CHECK(body.whole());
  CHECK(body.append("x").has_value());
  CHECK_FALSE(body.whole());
}

TEST_CASE("without a file a body stays in memory, as far as all bodies may have it") {
  const NoDisk no_disk;
  relay::ReplayBudget budget({.memory_bytes_max = 12});
  const relay::ReplayBody::Limits limits{
      .bytes_max = 100, .memory_bytes_max = 4, .budget = &budget};
  ReplayBody body(limits);
  CHECK(body.append("012345").has_value());
  CHECK(body.append("6789").has_value());
  CHECK(body.whole());
  for (const std::size_t offset : {0u, 3u, 4u, 9u}) {
    CHECK(read(body, offset) == std::string("0123456789").substr(offset));
  }
  CHECK(budget.memory_bytes() == 10);
  ReplayBody other(limits);
  CHECK(other.append("ab").has_value());
  const auto failed = other.append("c");
  REQUIRE(failed.has_error());
  CHECK(failed.error().code == Errc::spill_failed);
  CHECK_FALSE(other.whole());
  CHECK(other.append("d").has_value());  // said once
  CHECK(budget.memory_bytes() == 10);
  CHECK(read(body) == "0123456789");
}

TEST_CASE("a body whose file ends before it does goes on in memory") {
  const std::string file(90, 'f'), tail(30, 't'), more(5, 'm');
  const LittleDisk disk(100);
  relay::ReplayBudget budget({});
  ReplayBody body({.bytes_max = 200, .memory_bytes_max = 3, .budget = &budget});
  REQUIRE(body.append("abc" + file).has_value());
  REQUIRE(body.append(tail).has_value());  // a third of it still finds room
  REQUIRE(body.append(more).has_value());
  CHECK(body.whole());
  const std::string all = "abc" + file + tail + more;
  for (const std::size_t offset : {0u, 2u, 3u, 92u, 93u, 103u, 123u, 127u}) {
    CHECK(read(body, offset) == all.substr(offset));
  }
  CHECK(budget.memory_bytes() == 38);
  body.drop();
  CHECK(budget.memory_bytes() == 0);
}

TEST_CASE("a dropped body keeps nothing from then on") {
  ReplayBody body({.bytes_max = 100, .memory_bytes_max = 2});
  REQUIRE(body.append("kept and spilled").has_value());
  body.drop();
  CHECK_FALSE(body.whole());
  CHECK(body.append("x").has_value());
  CHECK(body.size() == 0);
}

TEST_CASE(
    "a body goes to its file at once where others have the memory, and is read all the same") {
  relay::ReplayBudget budget({.disk_bytes_max = 100, .memory_bytes_max = 10});
  ReplayBody first({.bytes_max = 50, .memory_bytes_max = 8, .budget = &budget});
  ReplayBody second({.bytes_max = 50, .memory_bytes_max = 8, .budget = &budget});
  REQUIRE(first.append("01234567"));
  REQUIRE(second.append("abcde"));
  REQUIRE(second.append("fgh"));
  CHECK(budget.memory_bytes() == 8);
  CHECK(budget.disk_bytes() == 8);
  CHECK(read(first) == "01234567");
  CHECK(read(second) == "abcdefgh");
}

TEST_CASE("a body that finds no room on disk is not kept, and gives back what it had") {
  relay::ReplayBudget budget({.disk_bytes_max = 20, .memory_bytes_max = 100});
  const relay::ReplayBody::Limits limits{.bytes_max = 50, .memory_bytes_max = 4, .budget = &budget};
  ReplayBody large(limits);
  REQUIRE(large.append("0123456789abcdefgh"));  // 14 in its file
  {
    ReplayBody late(limits);
    REQUIRE(late.append("0123456789"));
    REQUIRE(late.append("a"));
    CHECK_FALSE(late.whole());
    CHECK(late.crowded_out());
    CHECK(budget.memory_bytes() == 4);
    CHECK(budget.disk_bytes() == 14);
    REQUIRE(late.append("b"));  // without a word
  }
  CHECK(large.whole());
  CHECK_FALSE(large.crowded_out());
  large.drop();
  CHECK(budget.memory_bytes() == 0);
  CHECK(budget.disk_bytes() == 0);
}
