// What a holder says to Redis while it holds, on a clock of the test's.
#include "token/store/redis_store.h"

#include <doctest/doctest.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include <chrono>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "tests/support/captured.h"
#include "tests/support/eventually.h"
#include "tests/support/finished.h"
#include "tests/support/owned_clock.h"
#include "tests/support/raw_server.h"
#include "tests/support/temporary_directory.h"

using namespace bearer;
using namespace std::chrono_literals;

namespace {

using Words = std::vector<std::string>;

/// Reads a command as redis_command() writes it.
Words read_command(test::RawConnection& connection) {
  const auto number = [&](char type) {
    std::string line = connection.read_until("\r\n");
    return line.size() > 3 && line[0] == type ? std::stoul(line.substr(1)) : 0UL;
  };
  Words words(number('*'));
  for (std::string& word : words) {
    word = connection.read_bytes(number('$'));
    connection.read_until("\r\n");
  }
  return words;
}

/// A Redis that grants every hold. It closes a connection after each command, because it serves one
/// at a time.
class Granting {
 public:
  /// `still_held` is the answer to a prolongation.
  explicit Granting(bool still_held)
      : server_([this, still_held](test::RawConnection& connection) {
          const Words command = read_command(connection);
          if (command.empty()) return;
          connection.write(command[0] == "SET" ? "+OK\r\n" : still_held ? ":1\r\n" : ":0\r\n");
          ::shutdown(connection.fd(), SHUT_RDWR);  // on loopback its peer knows when this returns
          const std::lock_guard lock(mutex_);
          commands_.push_back(command);
        }) {}

  std::uint16_t port() const { return server_.port(); }
  std::vector<Words> commands() const {
    const std::lock_guard lock(mutex_);
    return commands_;
  }

 private:
  mutable std::mutex mutex_;
  std::vector<Words> commands_;
  test::RawServer server_;
};

class Holder {
 public:
  explicit Holder(bool still_held) : server(still_held) {}

  bool hold() {
    const bool held = test::finished(loop_, store_.try_hold()).value();
    await_commands(1);
    return held;
  }
  void release() {
    std::optional<bool> released;
    net::Task<void> task = test::keep(and_then(store_.release()), released, loop_);
    task.start();
    while (!task.done()) loop_.run();
    await_commands(2);
  }
  /// Turns the loop, later, until the server has answered so many commands in all.
  void await_commands(std::size_t count, base::Duration later = {}) {
    clock_.advance(later);
    REQUIRE(test::eventually([&] {
      test::turn(loop_);
      return server.commands().size() >= count;
    }));
    turn();
  }
  void turn() {
    for (int i = 0; i < 20; ++i) test::turn(loop_);
  }
  void pass(base::Duration time) {
    clock_.advance(time);
    turn();
  }

  Granting server;

 private:
  /// A key that others can read is refused.
  static std::string key_in(const test::TemporaryDirectory& directory) {
    std::string path = directory.write("key", "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=\n");
    REQUIRE(::chmod(path.c_str(), 0600) == 0);
    return path;
  }
  static net::Task<bool> and_then(net::Task<void> task) {
    co_await std::move(task);
    co_return true;
  }
  static token::StoreOptions options(std::uint16_t port, std::string key_file) {
    token::StoreOptions made;
    made.kind = token::StoreOptions::Kind::redis;
    made.redis.host = "127.0.0.1";
    made.redis.port = port;
    made.key_file = std::move(key_file);
    return made;
  }

  test::TemporaryDirectory directory_;
  test::OwnedClock clock_;
  net::Loop loop_{clock_};
  net::Resolver resolver_;
  token::RedisStore store_{options(server.port(), key_in(directory_)), "crm", "identity", loop_,
                           resolver_};
};

}  // namespace

TEST_CASE("a hold lasts some seconds, and is prolonged for as long as its holder's fetch takes") {
  Holder holder(true);
  REQUIRE(holder.hold());
  const Words hold = holder.server.commands().at(0);
  REQUIRE(hold.size() == 6);
  CHECK(hold[1].ends_with(":hold"));
  CHECK(hold[5] == "5000");
  holder.pass(token::kRedisHoldProlonged - 1ms);
  CHECK(holder.server.commands().size() == 1);
  base::Duration lasted = token::kRedisHoldProlonged - 1ms;
  for (std::size_t count = 2; lasted < 3 * token::kHoldMax; ++count) {
    const base::Duration step = count == 2 ? base::Duration(1ms) : token::kRedisHoldProlonged;
    holder.await_commands(count, step);
    lasted += step;
    const Words prolonged = holder.server.commands().back();
    REQUIRE(prolonged.size() == 6);
    CHECK(prolonged[0] == "EVAL");
    CHECK(prolonged[1].find("PEXPIRE") != std::string::npos);
    CHECK(prolonged[3] == hold[1]);
    CHECK(prolonged[4] == hold[2]);
    CHECK(prolonged[5] == "5000");
  }
}

TEST_CASE("a hold that was let go of is prolonged no more") {
  Holder holder(true);
  REQUIRE(holder.hold());
  holder.release();
  REQUIRE(holder.server.commands().size() == 2);
  CHECK(holder.server.commands().back().at(1).find("DEL") != std::string::npos);
  holder.pass(token::kRedisHold);
  CHECK(holder.server.commands().size() == 2);
}

TEST_CASE("a hold that ended by itself is told once, and not taken back") {
  Holder holder(false);
  REQUIRE(holder.hold());
  const std::string said = test::captured(STDERR_FILENO, [&] {
    holder.await_commands(2, token::kRedisHoldProlonged);
    holder.pass(token::kRedisHold);
  });
  CHECK(said.find("the hold at Redis ended while a token was asked for") != std::string::npos);
  CHECK(said.find("credential=crm") != std::string::npos);
  CHECK(holder.server.commands().size() == 2);
}
