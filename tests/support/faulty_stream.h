// Streams and connections of which one operation fails: the n-th of all that share a plan.
#pragma once

#include <atomic>
#include <memory>
#include <utility>

#include "net/dialer.h"
#include "net/stream.h"

namespace bearer::test {

enum class Fault {
  failed,          ///< the connection is broken from this operation on
  ended,           ///< a read finds the peer's end; a write is as `failed`
  one_byte,        ///< this operation moves one byte at most, then all goes on
  one_byte_failed  ///< one byte at most, then as `failed`
};

/// Counts reads, writes and connects, also those that have nothing to do. Used on one thread but
/// for disarm().
class FaultPlan {
 public:
  FaultPlan(Fault fault, int nth) : fault_(fault), left_(nth) {}
  FaultPlan(const FaultPlan& other) : fault_(other.fault_), left_(other.left_.load()) {}
  FaultPlan& operator=(const FaultPlan& other) {
    fault_ = other.fault_;
    left_ = other.left_.load();
    return *this;
  }

  Fault fault() const { return fault_; }
  /// True for the operation that is to fail.
  bool strikes() { return --left_ == 0; }
  /// No operation fails from now on; true if one did. While nothing is under way.
  bool disarm() { return left_.exchange(0) <= 0; }

 private:
  Fault fault_;
  std::atomic<int> left_;
};

class FaultyStream final : public net::Stream {
 public:
  /// `plan` outlives it.
  FaultyStream(std::unique_ptr<net::Stream> under, FaultPlan& plan)
      : under_(std::move(under)), plan_(plan) {}

  void set_waiter(net::Sleeper* sleeper) override;
  net::Io read(std::span<char> into) override;
  net::Io write(std::span<const iovec> from) override;
  bool peer_closed() const override { return broken_ || ended_ || under_->peer_closed(); }
  bool quiet(bool ask) override { return !broken_ && !ended_ && under_->quiet(ask); }
  void shut() override { under_->shut(); }
  void reset_on_close() override { under_->reset_on_close(); }

 private:
  net::Io write_one(std::span<const iovec> from);

  const std::unique_ptr<net::Stream> under_;
  FaultPlan& plan_;
  net::Sleeper* sleeper_ = nullptr;
  bool broken_ = false;
  bool ended_ = false;
};

/// Its connections are FaultyStreams; connecting is an operation too, and fails as refused.
class FaultyDialer final : public net::Dialer {
 public:
  FaultyDialer(std::unique_ptr<net::Dialer> under, FaultPlan& plan)
      : under_(std::move(under)), plan_(plan) {}

  net::Task<base::Result<net::Dialed>> dial(const net::Wait& wait, net::Alpn alpn) override;
  bool leads_to(const net::SocketAddress& address) override { return under_->leads_to(address); }

 private:
  const std::unique_ptr<net::Dialer> under_;
  FaultPlan& plan_;
};

}  // namespace bearer::test
