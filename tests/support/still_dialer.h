// A Dialer that dials nobody, but knows where its server is.
#pragma once

#include "net/dialer.h"
#include "net/resolver.h"

namespace bearer::test {

/// Port 80 of a numeric address.
inline net::SocketAddress address_of(const char* host) {
  return net::resolve(host, 80)->front();
}

class StillDialer final : public net::Dialer {
 public:
  net::Task<base::Result<net::Dialed>> dial(const net::Wait&, net::Alpn) override {
    co_return base::Error{base::Errc::connect_refused, "the test dials nobody"};
  }
  bool leads_to(const net::SocketAddress& there) override { return there == address; }

  net::SocketAddress address = address_of("127.0.0.1");
};

}  // namespace bearer::test
