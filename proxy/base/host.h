// Tells what a host name says by itself, before it is resolved.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace bearer::base {

/// True for `localhost`, names under it, 127.0.0.0/8 and ::1.
bool is_loopback(std::string_view host);
/// One spelling for all that mean the same: `localhost` for every name of loopback's, `127.0.0.1`
/// and `::1` for every form of theirs. Any other host is returned as it is.
std::string plain_loopback(std::string_view host);

/// True for 169.254.0.0/16 and fe80::/10, which no router forwards, and for the addresses of
/// metadata servers that clouds treat likewise: fd00:ec2::254 and fd20:ce::254.
bool is_link_local(std::string_view host);
/// True for networks that are not routed beyond their owner's (RFC 1918, RFC 4193).
bool is_private(std::string_view host);
/// True for a metadata server (it knows a machine's identity): link-local, or Google's name of it.
bool is_metadata_host(std::string_view host);

/// The form in a URL: an IPv6 address in brackets (RFC 3986 section 3.2.2).
std::string url_host(std::string_view host);
/// `host:port`.
std::string authority(std::string_view host, std::uint16_t port);

}  // namespace bearer::base
