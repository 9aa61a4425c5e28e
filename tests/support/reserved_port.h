// A port of loopback at which nobody listens, until a server of the test takes it.
#pragma once

#include <cstdint>
#include <string>

#include "base/descriptor.h"

namespace bearer::test {

/// Bound but not listening: connections are refused, and nobody else is given the port. A server of
/// the test can listen on it meanwhile, if it sets SO_REUSEPORT or SO_REUSEADDR, as servers do.
class ReservedPort {
 public:
  /// A free one, if it is 0.
  explicit ReservedPort(std::uint16_t port = 0);

  std::uint16_t port() const { return port_; }
  std::string number() const { return std::to_string(port_); }
  std::string origin() const { return "http://127.0.0.1:" + number(); }

 private:
  base::Descriptor socket_;
  std::uint16_t port_ = 0;
};

}  // namespace bearer::test
