// Twenty proxies that share one Redis, under steady load, for as long as BEARER_FLEET_SECONDS says.
#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <iostream>
#include <memory>
#include <sstream>
#include <vector>

#include "tests/system/proxy.h"
#include "tests/system/redis.h"

using namespace bearer::test;
using Json = nlohmann::json;

namespace {

using Clock = std::chrono::steady_clock;

constexpr int kProxies = 20;
constexpr int kRequestsASecond = 100;
/// A token of 3 s is renewed at half of its life, at most a tenth of that half earlier.
constexpr double kRenewalMin_s = 3.0 / 2 * 0.9;
/// Many times what a request takes. One that takes longer has met a pause of some process.
constexpr double kSlow_s = 0.1;

int duration_s() {
  const char* text = std::getenv("BEARER_FLEET_SECONDS");
  return text ? std::atoi(text) : 3;
}

int requests() {
  return duration_s() * kRequestsASecond;
}

class Fleet {
 public:
  Fleet() {
    for (int i = 0; i < kProxies; ++i) {
      proxies_.push_back(std::make_unique<Proxy>(sandbox, at(redis, key_)));
    }
  }

  /// Ends the proxies; how often they went on without the store.
  int end() {
    int faults = 0;
    for (const auto& proxy : proxies_) {
      std::istringstream log(proxy->end());
      for (std::string line; std::getline(log, line);) {
        if (line.find("the token store cannot be used") == std::string::npos) continue;
        ++faults;
      }
    }
    return faults;
  }

  /// A list for curl: each proxy in its turn.
  std::string load() const {
    std::ostringstream list;
    for (int i = 0; i < requests(); ++i) {
      const auto turn = static_cast<std::size_t>(i % kProxies);
      list << "url = \"" << proxies_[turn]->url("/api/v2/whoami?id=1")
           << "\"\noutput = \"/dev/null\"\n";
    }
    return key_.directory.write("load", list.str());
  }

  // Opaque: of a JWT the whole seconds of its `exp` and of the answer's Date would count, too.
  const Sandbox sandbox{{"--token-lifetime", "3s", "--token-format", "opaque"}};
  Redis redis;

 private:
  const KeyFile key_;
  std::vector<std::unique_ptr<Proxy>> proxies_;
};

/// One client that goes through the fleet at a steady rate, and says so line by line.
class Load {
 public:
  explicit Load(const Fleet& fleet)
      : curl_({"stdbuf", "--output=L", "curl", "--disable", "--noproxy", "*", "--silent", "--rate",
               std::to_string(kRequestsASecond) + "/s", "--write-out",
               "%{http_code} %{time_total}\n", "--config", fleet.load()}) {}

  /// Returns when so many more have been answered.
  void await_answers(int count) {
    for (int i = 0; i < count; ++i) {
      std::istringstream line(curl_.read_line());
      std::string status;
      double took_s = 0;
      line >> status >> took_s;
      ++(status == "200" ? good_ : bad_);
      if (took_s > kSlow_s) ++slow_;
    }
  }
  int good() const { return good_; }
  int bad() const { return bad_; }
  int slow() const { return slow_; }

 private:
  Program curl_;
  int good_ = 0, bad_ = 0, slow_ = 0;
};

/// Checks and shows what all this took. `spared` token requests may come on top.
void settle(const char* what, Fleet& fleet, const Load& load, Clock::time_point began, int spared) {
  const double took_s = std::chrono::duration<double>(Clock::now() - began).count();
  const Json stats = fleet.sandbox.stats();
  const int faults = fleet.end();
  const int token_requests = stats.at("tokens").at("requests");
  int refused = 0;
  for (const auto& [why, count] : stats.at("refused").items()) refused += count.get<int>();
  // As many as one process alone makes at the earliest moments.
  const int alone = static_cast<int>(took_s / kRenewalMin_s) + 2;
  std::cout << what << ": " << kProxies << " proxies, " << took_s << " s, " << load.good()
            << " requests answered, " << load.bad() << " not; " << token_requests
            << " token requests (one process alone: at most " << alone << "), " << refused
            << " answers 401, " << load.slow() << " requests slow; " << faults
            << " times without the store\n";
  CHECK(load.good() == requests());
  CHECK(load.bad() == 0);
  // Only a request that was held up on its way can find its token dead at the upstream.
  CHECK(refused <= load.slow());
  // A process that cannot use the store, or does not hear from it in time, asks by itself.
  CHECK(token_requests <= alone + std::max(spared, faults));
}

}  // namespace

TEST_CASE("a fleet at one Redis makes the token requests of one process, and meets no 401") {
  const Clock::time_point began = Clock::now();
  Fleet fleet;
  Load load(fleet);
  load.await_answers(requests());
  settle("fleet", fleet, load, began, 0);
}

TEST_CASE("a Redis that is killed and started again costs a fleet one request a proxy at most") {
  const Clock::time_point began = Clock::now();
  Fleet fleet;
  Load load(fleet);
  load.await_answers(requests() / 3);
  const Clock::time_point down = Clock::now();
  fleet.redis.kill();
  load.await_answers(kRequestsASecond);
  fleet.redis.start();
  const double down_s = std::chrono::duration<double>(Clock::now() - down).count();
  load.await_answers(requests() - requests() / 3 - kRequestsASecond);
  // One a proxy; more only where the machine is so slow that a second renewal came due meanwhile.
  const int each = 1 + static_cast<int>(down_s / kRenewalMin_s);
  settle("fleet, Redis restarted", fleet, load, began, each * kProxies);
}
