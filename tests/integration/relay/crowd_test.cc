// Many clients at once in bad weather: each gets its own answer, byte for byte.
#include <doctest/doctest.h>
#include <sys/resource.h>

#include <algorithm>
#include <atomic>
#include <random>
#include <string>
#include <vector>

#include "tests/integration/relay/stage.h"
#include "tests/support/message_server.h"

using namespace bearer;
using namespace bearer::test;
using namespace std::chrono_literals;

namespace {

constexpr int kClients = 500;
constexpr int kRounds = 3;

// Both ends of every connection are in this process.
void raise_descriptor_limit() {
  rlimit limit{};
  REQUIRE(getrlimit(RLIMIT_NOFILE, &limit) == 0);
  limit.rlim_cur = limit.rlim_max;
  REQUIRE(setrlimit(RLIMIT_NOFILE, &limit) == 0);
  REQUIRE(limit.rlim_cur > 4 * kClients);
}

/// An API that takes tokens from a number on, and fails by a seeded die.
class Weather {
 public:
  /// The tokens issued so far are refused from now on.
  void revoke(int number) { least_token_ = number; }
  int failures() const { return failures_; }

  std::optional<std::string> respond(const RawMessage& request) {
    const std::string token = request.value("Authorization");
    const int number = std::stoi(token.substr(token.rfind('-') + 1));
    if (number < least_token_) return answer("401 Unauthorized", "stale");
    const double chance = std::uniform_real_distribution<>()(die_);
    if (chance > 0.4) return answer("200 OK", request.start_line + "\n" + request.body);
    ++failures_;
    if (chance < 0.1) return answer("429 Too Many Requests", "slower");
    if (chance < 0.2) return answer("503 Busy", std::string(100'000, 'b'));
    if (chance < 0.3) return answer("500 Oops", "", "Connection: close\r\n");
    return std::nullopt;
  }

 private:
  std::mt19937_64 die_{7};
  std::atomic<int> least_token_ = 1;
  std::atomic<int> failures_ = 0;
};

/// The request of that client in that round, and the answer that it is to get.
struct Call {
  Call(int client, int round) {
    std::mt19937_64 die(static_cast<std::uint64_t>(client * 100 + round));
    const std::string target = "/" + std::to_string(client) + "/" + std::to_string(round);
    std::string body(std::uniform_int_distribution<std::size_t>(0, 30'000)(die), 'x');
    if (client % 100 == 0) body.resize(400'000);  // to the replay's file
    std::ranges::generate(body, [&] { return static_cast<char>('a' + die() % 26); });
    const std::string fields = "Idempotency-Key: \"" + target + "\"\r\n";
    switch (client % 3) {
      case 0: request = post(body, fields); break;
      case 1: request = post_chunked(body, fields); break;
      case 2:
        request = get(target);
        body.clear();
        break;
    }
    if (client % 3 != 2) request.replace(0, 6, "POST " + target);
    expected = (client % 3 == 2 ? "GET " : "POST ") + target + " HTTP/1.1\n" + body;
  }
  std::string request, expected;
};

}  // namespace

TEST_CASE("500 clients under 401, 429, 500, 503 and resets each get their own answer") {
  raise_descriptor_limit();
  Weather weather;
  MessageServer server([&](const RawMessage& request) { return weather.respond(request); });
  ScriptedSource tokens(base::system_clock());
  tokens.issue("token-1");
  tokens.issue_when_rejected({"token-2", "token-3", "token-4"});
  Stage stage(tokens, base::system_clock(), [&](Stage::Settings& settings) {
    settings.route().upstream.port = server.port();
    settings.route().retry.max_retries = 100;
    settings.route().retry.plain_500_retries_max = 100;
    settings.route().retry.backoff_base = 1ms;
    settings.route().retry.backoff_max = 20ms;
    settings.service.threads = 2;
  });
  std::vector<RawSocket> clients;
  for (int i = 0; i < kClients; ++i) clients.push_back(stage.client());
  int wrong = 0;
  for (int round = 1; round <= kRounds; ++round) {
    weather.revoke(round + 1);
    for (int i = 0; i < kClients; ++i) {
      clients[static_cast<std::size_t>(i)].send(Call(i, round).request);
    }
    for (int i = 0; i < kClients; ++i) {
      const RawMessage response = read_message(clients[static_cast<std::size_t>(i)]);
      if (response.status() != 200 || response.body != Call(i, round).expected) ++wrong;
    }
    CHECK(tokens.rejects() >= round);
  }
  CHECK(wrong == 0);
  CHECK(weather.failures() > kClients);
}
