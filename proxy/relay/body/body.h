// A body that can be taken piece by piece.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "net/buffer.h"
#include "net/stream.h"
#include "relay/body/gather.h"

namespace bearer::relay {

class Body {
 public:
  enum class Status {
    more,       ///< there may be more: pull again
    blocked,    ///< everything that has come was taken; wait for the stream
    done,       ///< the body is whole
    malformed,  ///< its framing is broken
    cut,        ///< its sender's connection ended or broke before the body did
  };

  /// Adds the data that has come to `gather`: first from `rest`, bytes that were read before, then
  /// from `stream` through `scratch`. Bytes in the scratch that do not go into `gather` are put
  /// into `rest`, those that follow the body included. Data may come with any status but `cut`;
  /// data before a `malformed` counts too.
  virtual Status pull(net::Stream& stream, net::Buffer& rest, std::span<char> scratch,
                      Gather& gather) = 0;

  /// The number of bytes that the stream gives next, once `rest` is empty, and that are data as
  /// they are and need not be seen. All but the last may pass without a pull(). 0 if that is not
  /// known, or if somebody has to see them.
  virtual std::uint64_t unseen() const { return 0; }
  /// Notes that this many have passed. REQUIRES: fewer than unseen().
  virtual void pass(std::uint64_t /*bytes*/) {}

  /// The field lines of the trailer section, well-formed. REQUIRES: pull() said `done`.
  virtual std::string_view trailers() const = 0;

 protected:
  ~Body() = default;
};

}  // namespace bearer::relay
