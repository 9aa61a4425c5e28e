// An absolute http or https URL in a setting or a Location field (RFC 3986, RFC 9110 4.2).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace bearer::http {

/// The scheme's default port (RFC 9110 section 4.2).
constexpr std::uint16_t default_port(bool tls) {
  return tls ? 443 : 80;
}

struct Url {
  bool tls = false;        ///< https
  std::string host;        ///< lower case; an IPv6 address without its brackets
  std::uint16_t port = 0;  ///< the scheme's default if the URL names none
  std::string path;        ///< with query; starts with '/' or is empty

  bool operator==(const Url&) const = default;

  /// `host` or `host:port`, without the scheme's default port, IPv6 in brackets: a Host value.
  std::string authority() const;
  /// `https://host:port`, without the default port.
  std::string origin() const;
  std::string text() const { return origin() + path; }
};

/// Errc::request_malformed with a sentence that says what is wrong: not http(s), no host, a bad
/// port, user information (a credential does not belong there), a fragment, a control character.
base::Result<Url> parse_url(std::string_view text);

}  // namespace bearer::http
