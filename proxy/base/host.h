// What a host name says by itself.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace bearer::base {

/// True for `localhost`, names under it, 127.0.0.0/8 and ::1.
bool is_loopback(std::string_view host);

/// As it stands in a URL: an IPv6 address in brackets (RFC 3986 section 3.2.2).
std::string url_host(std::string_view host);
/// `host:port`.
std::string authority(std::string_view host, std::uint16_t port);

}  // namespace bearer::base
