// Limits how many requests for tokens are under way at one place at a time. Otherwise a thousand
// credentials whose tokens all come from one endpoint would ask it at once: its queue of
// connections overflows, and each handshake waits for all others.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <list>
#include <map>
#include <memory>
#include <string>
#include <utility>

#include "net/loop.h"
#include "net/task.h"
#include "token/fetcher.h"

namespace bearer::token {

/// The most requests at one endpoint. Those at other places do not count, so an endpoint that hangs
/// holds up only itself.
inline constexpr std::size_t kRequestsAtOnce = 32;
/// The most runs of one token command at a time: each is a process.
inline constexpr std::size_t kCommandsAtOnce = 64;

/// Where fetches take turns.
struct FetchPlace {
  std::string name;
  std::size_t at_once = kRequestsAtOnce;
  std::string full;  ///< for a person: "32 requests at a time are sent to https://..."
};

/// Used on its loop's thread. Outlives its turns.
class FetchQueue {
 private:
  friend class FetchTurn;
  struct Line {
    std::size_t under_way = 0;
    std::list<net::Sleeper*> waiting = {};  ///< in the order in which they came
    void call_next() const {
      if (!waiting.empty()) waiting.front()->wake();
    }
  };
  using Lines = std::map<std::string, Line>;

  void forget_if_empty(Lines::iterator line) {
    if (line->second.under_way == 0 && line->second.waiting.empty()) lines_.erase(line);
  }

  Lines lines_;  ///< by the place; those where a fetch waits or is under way
};

/// The turn of one credential's fetches, of which one is under way at a time. It is taken before a
/// request is sent, and left while the fetch waits for anything but the answer. Used on its loop's
/// thread, except for waits().
class FetchTurn {
 public:
  /// It is always its turn.
  FetchTurn() = default;
  /// Both outlive the turn.
  FetchTurn(FetchQueue& queue, net::Loop& loop, FetchPlace place)
      : queue_(&queue), loop_(&loop), place_(std::move(place)) {}
  FetchTurn(const FetchTurn&) = delete;
  FetchTurn& operator=(const FetchTurn&) = delete;
  ~FetchTurn() { leave(); }

  /// Waits until a request may be sent; at once if the turn is taken already. The caller holds no
  /// lock for which others have little patience.
  net::Task<void> take();
  void leave();
  bool taken() const { return taken_; }

  /// Tells a person what take() waits for; empty if it does not. Any thread.
  std::string waits() const { return waits_ ? place_.full : std::string(); }

  /// Leaves the turn at the end of a scope.
  class Leaving {
   public:
    explicit Leaving(FetchTurn& turn) : turn_(turn) {}
    Leaving(const Leaving&) = delete;
    Leaving& operator=(const Leaving&) = delete;
    ~Leaving() { turn_.leave(); }

   private:
    FetchTurn& turn_;
  };

  /// Leaves a turn that is taken for as long as the fetch waits for something else. Afterwards the
  /// fetch counts again at once, even beyond the limit: it may hold a lock, and must not queue.
  class Aside {
   public:
    explicit Aside(FetchTurn& turn) : turn_(turn), was_taken_(turn.taken_) { turn_.leave(); }
    Aside(const Aside&) = delete;
    Aside& operator=(const Aside&) = delete;
    ~Aside() {
      if (was_taken_) turn_.begin();
    }

   private:
    FetchTurn& turn_;
    const bool was_taken_;
  };

 private:
  class Waiting;

  void begin();

  FetchQueue* const queue_ = nullptr;
  net::Loop* const loop_ = nullptr;
  const FetchPlace place_ = {};
  bool taken_ = false;
  std::atomic<bool> waits_ = false;
};

/// Gets a token by `inner` when it is its turn.
class QueuedFetcher final : public Fetcher {
 public:
  QueuedFetcher(std::unique_ptr<Fetcher> inner, std::shared_ptr<FetchTurn> turn)
      : inner_(std::move(inner)), turn_(std::move(turn)) {}

  net::Task<base::Result<Fetched>> fetch() override;
  std::uint64_t fingerprint() const override { return inner_->fingerprint(); }
  bool watched() const override { return inner_->watched(); }
  std::string waits_for_turn() const override { return turn_->waits(); }
  bool waits_for_another() const override { return inner_->waits_for_another(); }
  bool waits_for_pipe() const override { return inner_->waits_for_pipe(); }
  bool spending() const override { return inner_->spending(); }
  bool unsaved() const override { return inner_->unsaved(); }
  net::Task<void> save() override { return inner_->save(); }
  base::Error ended() const override { return inner_->ended(); }
  net::Task<void> close() override { return inner_->close(); }

 private:
  const std::unique_ptr<Fetcher> inner_;
  const std::shared_ptr<FetchTurn> turn_;
};

}  // namespace bearer::token
