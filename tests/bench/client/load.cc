#include <cstdio>
#include <deque>
#include <stdexcept>
#include <string>
#include <vector>

#include "bench/client/caller.h"
#include "bench/client/latencies.h"
#include "bench/client/scenarios.h"
#include "bench/peers/poller.h"

namespace bearer::bench {
namespace {

using Clock = std::chrono::steady_clock;

/// More than this, and a request may have waited for something.
constexpr std::size_t kSlowMicroseconds = 100'000;

struct Client {
  explicit Client(std::uint16_t port) : caller(port) {}
  Caller caller;
  Instant asked;
};

class Load {
 public:
  Load(std::uint16_t port, const LoadOptions& options) : options_(options) {
    for (std::size_t i = 0; i < options.connections; ++i) {
      Client& client = clients_.emplace_back(port);
      poller_.add(client.caller.fd(), EPOLLIN, &client);
    }
  }

  void run() {
    const Instant begin = Clock::now();
    end_ = begin + options_.duration;
    if (options_.requests > 0) end_ = begin + kCountedMax;
    for (Client& client : clients_) {
      if (more(begin)) ask(client, begin);
    }
    while (under_way_ > 0 || !resting_.empty()) {
      const Instant next = resting_.empty() ? end_ + kGrace : resting_.front().due;
      for (const epoll_event& event : poller_.wait(next)) {
        take(*static_cast<Client*>(event.data.ptr));
      }
      const Instant now = Clock::now();
      if (now > end_ + kGrace) break;  // what has not come by now is unanswered
      wake(now);
    }
    report(Clock::now() - begin);
  }

 private:
  static constexpr auto kGrace = std::chrono::seconds(5);
  static constexpr auto kCountedMax = std::chrono::minutes(10);

  struct Rest {
    Instant due;
    Client* client;
  };

  bool more(Instant now) const {
    return now < end_ && (options_.requests == 0 || asked_ < options_.requests);
  }

  void ask(Client& client, Instant now) {
    client.asked = now;
    client.caller.send(request_);
    ++asked_;
    ++under_way_;
  }

  void take(Client& client) {
    const auto progress = client.caller.receive(scratch_);
    if (progress == Caller::Progress::waiting) return;
    if (progress == Caller::Progress::broken) throw std::runtime_error("a connection was lost");
    --under_way_;
    const Instant now = Clock::now();
    latencies_.add(now - client.asked);
    if (client.caller.status() != 200) ++failures_;
    if (!more(now)) return;
    if (options_.pause.count() == 0) return ask(client, now);
    resting_.push_back({now + options_.pause, &client});  // one pause for all: stays in order
  }

  void wake(Instant now) {
    while (!resting_.empty() && resting_.front().due <= now) {
      Client& client = *resting_.front().client;
      resting_.pop_front();
      if (more(now)) ask(client, now);
    }
  }

  void report(Duration took) const {
    std::printf(
        "{\"requests\":%llu,\"failures\":%llu,\"unanswered\":%zu,\"seconds\":%.6f,\"p50_us\":%zu,"
        "\"p99_us\":%zu,\"max_us\":%lld,\"slow\":%llu}\n",
        static_cast<unsigned long long>(latencies_.total()),
        static_cast<unsigned long long>(failures_), under_way_,
        std::chrono::duration<double>(took).count(), latencies_.quantile(0.5),
        latencies_.quantile(0.99), static_cast<long long>(latencies_.max()),
        static_cast<unsigned long long>(latencies_.slower_than(kSlowMicroseconds)));
  }

  LoadOptions options_;
  std::string request_ = get_request("/api/v2/users?pageSize=100&pageNumber=7");
  Poller poller_;
  std::deque<Client> clients_;
  std::deque<Rest> resting_;
  std::size_t under_way_ = 0;
  std::uint64_t asked_ = 0;
  std::uint64_t failures_ = 0;
  Latencies latencies_;
  Instant end_;
  std::vector<char> scratch_ = std::vector<char>(64 << 10);
};

}  // namespace

void load(std::uint16_t port, const LoadOptions& options) {
  Load(port, options).run();
}

}  // namespace bearer::bench
