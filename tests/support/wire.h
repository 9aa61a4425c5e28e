// A connection of the proxy's without a socket, whose record outlives it.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "net/stream.h"
#include "tests/support/faulty_stream.h"
#include "tests/support/scripted_stream.h"

namespace bearer::test {

struct Wire {
  ScriptedStream stream;
  std::string given;     ///< all that the peer sends
  bool ended = false;    ///< the peer ended its side in order, whatever it did later
  bool broken = false;   ///< the peer broke it off
  bool closed = false;   ///< the proxy let go of it
  bool refused = false;  ///< the peer said that it processed nothing
  std::string failure;   ///< what the proxy is told of the break, such as a TLS alert
  std::optional<FaultPlan> faults = {};

  /// In one piece. Who has ended says no more.
  void give(std::string_view bytes) {
    if (stream.peer_closed()) return;
    given += bytes;
    stream.give(bytes);
  }
  void end() {
    if (stream.peer_closed()) return;
    ended = true;
    stream.then(net::Io::Status::ended);
  }
  void break_off() {
    broken = true;
    stream.fail_writes();
    stream.then(net::Io::Status::failed);
  }
  /// A planned fault lost something. Ends the faults: to be asked once.
  bool struck() { return faults && faults->disarm() && faults->fault() != Fault::one_byte; }
};

using Wires = std::vector<std::shared_ptr<Wire>>;

/// The proxy's end of a wire.
class WireStream final : public net::Stream {
 public:
  explicit WireStream(std::shared_ptr<Wire> wire) : wire_(std::move(wire)) {}
  ~WireStream() override {
    wire_->stream.set_waiter(nullptr);
    wire_->closed = true;
  }

  void set_waiter(net::Sleeper* sleeper) override { wire_->stream.set_waiter(sleeper); }
  net::Io read(std::span<char> into) override { return wire_->stream.read(into); }
  net::Io write(std::span<const iovec> from) override { return wire_->stream.write(from); }
  bool peer_closed() const override { return wire_->stream.peer_closed(); }
  std::string failure() const override { return wire_->failure; }
  bool unprocessed() const override { return wire_->refused; }
  bool quiet(bool ask) override { return wire_->stream.quiet(ask); }
  void shut() override { wire_->stream.shut(); }
  void reset_on_close() override { wire_->stream.reset_on_close(); }

 private:
  const std::shared_ptr<Wire> wire_;
};

/// The proxy's end of a wire, with the faults that are planned for it.
inline std::unique_ptr<net::Stream> proxy_end(const std::shared_ptr<Wire>& wire) {
  auto stream = std::make_unique<WireStream>(wire);
  if (!wire->faults) return stream;
  return std::make_unique<FaultyStream>(std::move(stream), *wire->faults);
}

}  // namespace bearer::test
