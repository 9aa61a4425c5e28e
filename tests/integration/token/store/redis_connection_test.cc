// Our side of Redis' protocol on real sockets, with servers that do what they should not.
#include "token/store/redis_connection.h"

#include <doctest/doctest.h>
#include <sys/socket.h>

#include <atomic>
#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tests/support/finished.h"
#include "tests/support/owned_clock.h"
#include "tests/support/raw_server.h"

using namespace bearer;
using namespace std::chrono_literals;
using token::RedisConnection;
using token::RedisOptions;

namespace {

RedisOptions at(const test::RawServer& server) {
  RedisOptions options;
  options.host = "127.0.0.1";
  options.port = server.port();
  return options;
}

/// Turns a loop of its own, on time that stands still.
class Asker {
 public:
  explicit Asker(const RedisOptions& options) : connection_(options, loop_, resolver_) {}
  base::Result<token::RedisReply> ask(const std::vector<std::string_view>& words) {
    return test::finished(loop_, connection_.ask(words));
  }
  /// Begins a command, turns the loop until `moment`, and ends the command where it stands.
  void ask_until(const std::function<bool()>& moment) {
    std::optional<base::Result<token::RedisReply>> reply;
    net::Task<void> task = test::keep(connection_.ask({"PING"}), reply);
    task.start();
    while (!moment()) test::turn(loop_);
    CHECK_FALSE(reply.has_value());
  }
  /// Begins a command, and lets the time for its answer run out once `moment` is there.
  base::Result<token::RedisReply> ask_in_vain(const std::function<bool()>& moment) {
    std::optional<base::Result<token::RedisReply>> reply;
    net::Task<void> task = test::keep(connection_.ask({"PING"}), reply);
    task.start();
    while (!moment()) test::turn(loop_);
    clock_.advance(token::kRedisAnswerTimeout - 1ns);
    test::turn(loop_);
    CHECK_FALSE(reply.has_value());
    clock_.advance(1ns);
    test::turn(loop_);
    REQUIRE(reply.has_value());
    return std::move(*reply);
  }

 private:
  test::OwnedClock clock_;
  net::Loop loop_{clock_};
  net::Resolver resolver_;
  RedisConnection connection_;
};

std::string why(const base::Result<token::RedisReply>& reply) {
  REQUIRE_FALSE(reply.has_value());
  CHECK(reply.error().code == base::Errc::store_unusable);
  return reply.error().sentence();
}

const std::string kPing = token::redis_command({"PING"});

}  // namespace

TEST_CASE("a connection is kept for the next command, and made anew where it has died meanwhile") {
  std::atomic<int> closed = 0;
  test::RawServer server([&](test::RawConnection& connection) {
    for (int command = 0; command < 2; ++command) {
      connection.read_until(kPing);
      connection.write("+PONG\r\n");
    }
    ::shutdown(connection.fd(), SHUT_RDWR);  // on loopback its peer knows when this returns
    ++closed;
    closed.notify_one();
  });
  const RedisOptions options = at(server);
  Asker connection(options);
  for (int command = 0; command < 4; ++command) {
    if (command == 2) closed.wait(0);
    const auto reply = connection.ask({"PING"});
    REQUIRE(reply.has_value());
    CHECK(reply->text == "PONG");
  }
  CHECK(server.connections() == 2);
}

TEST_CASE("password and database are told before the first command") {
  std::string asked;
  test::RawServer server([&](test::RawConnection& connection) {
    asked = connection.read_until(token::redis_command({"AUTH", "user", "secret"}));
    connection.write("+OK\r\n");
    asked += connection.read_until(token::redis_command({"SELECT", "3"}));
    connection.write("+OK\r\n");
    asked += connection.read_until(kPing);
    connection.write("+PONG\r\n");
  });
  RedisOptions options = at(server);
  options.user = "user";
  options.password = base::Secret("secret");
  options.database = 3;
  Asker connection(options);
  CHECK(connection.ask({"PING"}).has_value());
  CHECK(asked == token::redis_command({"AUTH", "user", "secret"}) +
                     token::redis_command({"SELECT", "3"}) + kPing);
}

TEST_CASE("a server that errs is named, and what it quotes of the password is not shown") {
  test::RawServer server([](test::RawConnection& connection) {
    connection.read_until(token::redis_command({"AUTH", "hush-hush-hush"}));
    connection.write("-WRONGPASS hush-hush-hush is not it\r\n");
  });
  RedisOptions options = at(server);
  options.password = base::Secret("hush-hush-hush");
  Asker connection(options);
  const std::string said = why(connection.ask({"PING"}));
  CHECK(said == "the Redis server 127.0.0.1:" + std::to_string(server.port()) +
                    " answered WRONGPASS *** is not it: check token_store");
}

TEST_CASE("a password is taken out of a long answer before that is shortened") {
  for (std::size_t left = 0; left < 8; ++left) {
    CAPTURE(left);
    const std::string before(200 - left, '.');
    test::RawServer server([&](test::RawConnection& connection) {
      connection.read_until(token::redis_command({"AUTH", "QZJXWVKY"}));
      connection.write("-" + before + "QZJXWVKY is not it\r\n");
    });
    RedisOptions options = at(server);
    options.password = base::Secret("QZJXWVKY");
    const std::string said = why(Asker(options).ask({"PING"}));
    CHECK(said.find("answered ...") != std::string::npos);
    CHECK(said.find_first_of("QZJXWVKY") == std::string::npos);
  }
}

TEST_CASE("what is no Redis, closes the connection, or says nothing is an error, in time") {
  SUBCASE("an HTTP server") {
    test::RawServer server([](test::RawConnection& connection) {
      connection.read_until(kPing);
      connection.write("HTTP/1.1 400 Bad Request\r\n\r\n");
    });
    const RedisOptions options = at(server);
    CHECK(why(Asker(options).ask({"PING"})).find("cannot be understood") != std::string::npos);
  }
  SUBCASE("one that closes") {
    test::RawServer server([](test::RawConnection& connection) { connection.read_until(kPing); });
    const RedisOptions options = at(server);
    CHECK(why(Asker(options).ask({"PING"})).find("closed the connection") != std::string::npos);
  }
  SUBCASE("one that says nothing") {
    std::atomic<bool> asked = false;
    test::RawServer server([&](test::RawConnection& connection) {
      connection.read_until(kPing);
      asked = true;
      connection.read_until("more");  // until the client gives up
    });
    const RedisOptions options = at(server);
    const auto reply = Asker(options).ask_in_vain([&] { return asked.load(); });
    CHECK(why(reply).find("did not answer in time") != std::string::npos);
  }
}

TEST_CASE(
    "a command that is ended under way takes its connection along, not the next one's answer") {
  std::atomic<bool> asked = false;
  std::atomic<int> connections = 0;
  test::RawServer server([&](test::RawConnection& connection) {
    const bool first = ++connections == 1;
    connection.read_until(kPing);
    asked = true;
    if (first) return connection.await_end();
    connection.write("+SECOND\r\n");
  });
  const RedisOptions options = at(server);
  Asker connection(options);
  connection.ask_until([&] { return asked.load(); });
  CHECK(connection.ask({"PING"})->text == "SECOND");
  CHECK(connections == 2);
}
