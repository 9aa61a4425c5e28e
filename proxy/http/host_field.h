// The Host field, and the host to which a request is addressed (RFC 9110 section 7.2, RFC 9112
// section 3.2).
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string_view>

#include "http/head_fault.h"
#include "http/message.h"
#include "http/target.h"

namespace bearer::http {

/// host[:port], as views into the field's value.
struct Host {
  /// As it came, in any case; an IPv6 address without its brackets, a name without the DNS's root
  /// dot at its end.
  std::string_view name;
  std::uint16_t port = 0;  ///< 0 if none was given

  /// True if it is that name, in any case, with or without a dot at its end.
  bool is(std::string_view other) const;

  bool operator==(const Host&) const = default;
};

/// True if a host is the IP address at which the request came in. Such a host is served as our own
/// name is: a page of another site can make a name resolve to us, but not an address.
using CameInAt = std::function<bool(std::string_view host)>;

/// nullopt unless it is host[:port]: no user information, comma, blank, empty name or bad port.
std::optional<Host> parse_host(std::string_view value);

/// HTTP/1.1 needs exactly one valid Host. HTTP/1.0 may have none; then `host` stays empty.
HeadFault request_host(const RequestHead& head, Host& host);

/// The name by which the client addresses us: the absolute form's authority, else the Host field's
/// (RFC 9112 section 3.2.2); empty if there is none. `target` is parse_target()'s result: nullopt
/// is not a fault here, but an absolute form that is not an http or https URL is.
HeadFault addressed(const RequestHead& head, const std::optional<Target>& target, Host& host,
                    std::string_view& authority);

}  // namespace bearer::http
