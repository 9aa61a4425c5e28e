// An address to listen at: TCP's, or the path of a unix socket. A name such as `localhost` stands
// for all of its addresses.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace bearer::net {

struct Address {
  std::string host;        ///< `127.0.0.1`, `::1`, `localhost`; no brackets
  std::uint16_t port = 0;  ///< 0: a free one is chosen
  std::string path = {};   ///< a unix socket's, which has neither host nor port; else empty

  bool operator==(const Address&) const = default;
  bool is_local() const;     ///< a unix socket, or reachable from this machine only
  std::string text() const;  ///< `127.0.0.1:8080`, `[::1]:8080`, `unix:/path`
};

/// Errc::address_unusable with a sentence that says what is wrong.
base::Result<Address> parse_address(std::string_view text);

}  // namespace bearer::net
