// An absolute http or https URL, as a setting or a Location field holds it (RFC 3986, RFC
// 9110 4.2).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace bearer::http {

/// The scheme's (RFC 9110 section 4.2).
constexpr std::uint16_t default_port(bool tls) {
  return tls ? 443 : 80;
}

struct Url {
  bool tls = false;        ///< https
  std::string host;        ///< lower case; an IPv6 address without its brackets
  std::uint16_t port = 0;  ///< the scheme's default where the URL named none
  std::string path;        ///< with query; starts with '/' or is empty

  bool operator==(const Url&) const = default;

  /// `host` or `host:port`, the scheme's default port left out, IPv6 in brackets: a Host value.
  std::string authority() const;
  /// `https://host:port`, the default port left out.
  std::string origin() const;
  std::string text() const { return origin() + path; }
};

/// Errc::request_malformed with a sentence that says what is wrong: not http(s), no host, a bad
/// port, user information (a credential does not belong there), a fragment, a control character.
base::Result<Url> parse_url(std::string_view text);

}  // namespace bearer::http
