// Limits how many fetches are under way at one place at a time. Otherwise a thousand credentials
// whose tokens all come from one endpoint would ask it at once: its queue of connections overflows,
// and each handshake waits for all others.
#pragma once

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

/// The most fetches at one place. Those at other places do not count, so a place that hangs holds
/// up only itself.
inline constexpr std::size_t kFetchesAtOncePerPlace = 32;

/// Used on its loop's thread. Outlives its turns.
class FetchQueue {
 public:
  /// One fetch, from its coming into the queue to its end.
  class Turn;

 private:
  struct Place {
    std::size_t under_way = 0;
    std::list<net::Sleeper*> waiting;  ///< in the order in which they came
  };
  std::map<std::string, Place> places_;  ///< the places where a fetch waits or is under way
};

/// Gets a token by `inner` when it is its turn at `place`.
class QueuedFetcher final : public Fetcher {
 public:
  /// Loop and queue outlive the fetcher.
  QueuedFetcher(std::unique_ptr<Fetcher> inner, net::Loop& loop, FetchQueue& queue,
                std::string place)
      : inner_(std::move(inner)), loop_(loop), queue_(queue), place_(std::move(place)) {}

  net::Task<base::Result<Fetched>> fetch() override;
  std::uint64_t fingerprint() const override { return inner_->fingerprint(); }
  bool watched() const override { return inner_->watched(); }
  bool waits_for_another() const override { return inner_->waits_for_another(); }
  bool waits_for_pipe() const override { return inner_->waits_for_pipe(); }
  bool spending() const override { return inner_->spending(); }
  base::Error ended() const override { return inner_->ended(); }
  net::Task<void> close() override { return inner_->close(); }

 private:
  const std::unique_ptr<Fetcher> inner_;
  net::Loop& loop_;
  FetchQueue& queue_;
  const std::string place_;
};

}  // namespace bearer::token
