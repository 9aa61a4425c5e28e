// The data plane's reports are kept for a test to wait for and to look at.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <mutex>
#include <vector>

#include "relay/telemetry/observer.h"

namespace bearer::test {

/// Any thread.
class Observations : public relay::Observer {
 public:
  struct Attempt {
    relay::Outcome outcome;
    relay::Decision decision;
  };
  struct Exchange {
    int status;
    int attempts;
    bool whole;
    base::Duration waited;
    std::uint64_t request_bytes, response_bytes;
  };

  /// Blocks until the n-th (from 1) attempt of all has ended.
  Attempt attempt(std::size_t n);
  /// Blocks until the n-th (from 1) exchange of all has ended.
  Exchange exchange(std::size_t n);
  std::size_t attempts() const;
  int cuts() const { return cuts_; }
  int uploads_cut() const { return uploads_cut_; }
  int links() const { return links_; }

  void attempt_ended(const relay::AttemptEnd& end) override;
  void replied(const relay::Request&, const relay::LocalReply&, base::Instant) override {}
  void exchange_ended(const relay::ExchangeEnd& end) override;
  void body_not_kept(const relay::Request&, const base::Error&) override {}
  void held(const relay::Request&, const relay::WaitUnderWay&, base::Instant) override {}
  void response_cut(const relay::Request&, const base::Error&) override { ++cuts_; }
  void upload_cut(const relay::Request&, const base::Error&) override { ++uploads_cut_; }
  void not_replayed(const relay::Request&, const base::Error&) override {}
  void links_lead_away(const relay::Request&) override { ++links_; }
  void peer_refused(const net::Peer&, base::Instant) override {}
  void http2_failed(std::string_view, base::Instant) override {}
  void no_place(std::size_t, base::Instant) override {}
  void accepting_failed(int, base::Instant) override {}
  void accepting_recovered(base::Instant) override {}

 private:
  template <typename T>
  T await(const std::vector<T>& list, std::size_t n);

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<Attempt> attempts_;
  std::vector<Exchange> exchanges_;
  std::atomic<int> cuts_ = 0, uploads_cut_ = 0, links_ = 0;
};

}  // namespace bearer::test
