// Clients that send their next request as soon as the last one is answered, before both paces and
// an upstream with a quota. Time is virtual: hours take milliseconds.
#pragma once

#include <algorithm>
#include <cstdint>
#include <deque>
#include <functional>
#include <queue>
#include <vector>

#include "base/random.h"
#include "relay/limits/ceiling_pace.h"
#include "relay/limits/quota_pace.h"

namespace bearer::relay::test {

enum class Rounding { down, up, exact };

struct Scene {
  std::size_t clients = 20;
  std::uint64_t limit = 300;
  base::Duration window = std::chrono::seconds(60);
  /// The window begins with its first request, or at fixed times.
  bool aligned = false;
  Rounding rounding = Rounding::up;  ///< of the reset
  base::Duration latency_min = std::chrono::milliseconds(20);
  base::Duration latency_max = std::chrono::milliseconds(80);
  bool tells_quota = true;
  Rate ceiling = {};
  std::uint64_t others = 0;  ///< requests of somebody else's in each window, in its first half
  base::Duration length = std::chrono::minutes(10);
  std::uint64_t seed = 1;
};

struct Tally {
  std::uint64_t served = 0, refused = 0;
  std::vector<std::uint64_t> by_client;
};

/// The upstream's count.
class CountingUpstream {
 public:
  explicit CountingUpstream(const Scene& scene) : scene_(scene) {}

  struct Answer {
    bool served;
    http::Quota quota;
  };
  Answer answer(base::Instant now) {
    if (now >= ends_) begin_window(now);
    if (others_left_ > 0 && ends_ - now < scene_.window / 2) {
      used_ += others_left_;
      others_left_ = 0;
    }
    const bool served = used_ < scene_.limit;
    if (served) ++used_;
    return {served, {scene_.limit, scene_.limit - std::min(used_, scene_.limit), reset(now)}};
  }

 private:
  void begin_window(base::Instant now) {
    const base::Duration late =
        scene_.aligned ? now.time_since_epoch() % scene_.window : base::Duration{};
    ends_ = now - late + scene_.window;
    used_ = 0;
    others_left_ = scene_.others;
  }
  base::Duration reset(base::Instant now) const {
    using std::chrono::seconds;
    const base::Duration left = ends_ - now;
    if (scene_.rounding == Rounding::down) return std::chrono::floor<seconds>(left);
    return scene_.rounding == Rounding::up ? std::chrono::ceil<seconds>(left) : left;
  }

  const Scene scene_;
  base::Instant ends_;
  std::uint64_t used_ = 0;
  std::uint64_t others_left_ = 0;
};

class GreedyClients {
 public:
  explicit GreedyClients(const Scene& scene)
      : scene_(scene), ceiling_(scene.ceiling), upstream_(scene), random_(scene.seed) {}

  Tally play() {
    tally_.by_client.resize(scene_.clients);
    for (std::size_t client = 0; client < scene_.clients; ++client) queue_.push_back(client);
    const base::Instant end = now_ + scene_.length;
    while (now_ < end) {
      release();
      advance();
    }
    return tally_;
  }

 private:
  struct Event {
    base::Instant when;
    std::function<void()> happen;
    bool operator>(const Event& other) const { return when > other.when; }
  };

  base::Instant turn() { return std::max(ceiling_.next(), quota_.next(now_)); }
  /// Lets go who may go, in order of arrival.
  void release() {
    while (!queue_.empty() && turn() <= now_) {
      ceiling_.sent(now_);
      send(queue_.front(), quota_.sent(now_));
      queue_.pop_front();
    }
  }
  void advance() {
    base::Instant next =
        queue_.empty() ? base::kNever : std::chrono::ceil<std::chrono::milliseconds>(turn());
    const bool event_first = !events_.empty() && events_.top().when <= next;
    if (!event_first) {
      now_ = next;
      return;
    }
    const Event event = events_.top();
    events_.pop();
    now_ = event.when;
    event.happen();
  }
  base::Duration half_a_trip() {
    const base::Duration spread = scene_.latency_max - scene_.latency_min;
    const auto latency = scene_.latency_min + spread * random_.unit();
    return std::chrono::duration_cast<base::Duration>(latency / 2);
  }
  void send(std::size_t client, SendStamp stamp) {
    events_.push({now_ + half_a_trip(), [this, client, stamp] {
                    const auto answer = upstream_.answer(now_);
                    events_.push({now_ + half_a_trip(), [this, client, stamp, answer] {
                                    receive(client, stamp, answer);
                                  }});
                  }});
  }
  void receive(std::size_t client, const SendStamp& stamp, const CountingUpstream::Answer& answer) {
    if (scene_.tells_quota) quota_.learn(stamp, answer.quota, now_);
    quota_.completed(stamp);
    ++(answer.served ? tally_.served : tally_.refused);
    if (answer.served) ++tally_.by_client[client];
    queue_.push_back(client);
  }

  const Scene scene_;
  CeilingPace ceiling_;
  QuotaPace quota_;
  CountingUpstream upstream_;
  base::JitterRandom random_;
  base::Instant now_{std::chrono::hours(1000)};
  std::deque<std::size_t> queue_;
  std::priority_queue<Event, std::vector<Event>, std::greater<>> events_;
  Tally tally_;
};

}  // namespace bearer::relay::test
