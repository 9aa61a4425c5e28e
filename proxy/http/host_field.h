// The Host field, and by what host a request is addressed (RFC 9110 section 7.2, RFC 9112 section
// 3.2).
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
  /// As it came, in any case; an IPv6 address without its brackets, a name without the dot of the
  /// DNS's root at its end.
  std::string_view name;
  std::uint16_t port = 0;  ///< 0 where none was given

  /// True if it is that name, in any case, with a dot at its end or without.
  bool is(std::string_view other) const;

  bool operator==(const Host&) const = default;
};

/// True if a host is the IP address at which the request came in. Such a host is served as our own
/// name is: a page of another site can make a name resolve to us, but not an address.
using CameInAt = std::function<bool(std::string_view host)>;

/// nullopt for what is no host[:port]: user information, commas, blanks, an empty name, a bad port.
std::optional<Host> parse_host(std::string_view value);

/// HTTP/1.1 needs exactly one valid Host, HTTP/1.0 may go without: then `host` stays empty.
HeadFault request_host(const RequestHead& head, Host& host);

/// By what the client addresses us: the absolute form's authority, else the Host field's (RFC 9112
/// section 3.2.2); empty if it names none. `target` is parse_target()'s: nullopt is no fault here,
/// but an absolute one that is no http or https URL is.
HeadFault addressed(const RequestHead& head, const std::optional<Target>& target, Host& host,
                    std::string_view& authority);

}  // namespace bearer::http
