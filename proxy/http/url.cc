#include "http/url.h"

#include <arpa/inet.h>

#include <algorithm>
#include <optional>

#include "base/host.h"
#include "base/text.h"

namespace bearer::http {
namespace {

using base::Errc;
using base::Error;

Error malformed(std::string_view why) {
  return {Errc::request_malformed, std::string(why)};
}

/// Printable ASCII without the space: all that a request line may contain. A backslash is refused
/// because some readers take it for a slash, and would see another host or path than we do.
bool is_url_char(char c) {
  return c > ' ' && c < 0x7f && c != '\\';
}

bool is_host_char(char c) {
  const char l = base::lower(c);
  return (l >= 'a' && l <= 'z') || base::is_digit(c) || c == '-' || c == '.' || c == '_';
}

bool is_ipv6(const std::string& host) {
  in6_addr address{};
  return inet_pton(AF_INET6, host.c_str(), &address) == 1;
}

/// Takes the scheme off `text`, and sets `tls` by it.
bool take_scheme(std::string_view& text, bool& tls) {
  for (const std::string_view scheme : {"https://", "http://"}) {
    if (!base::istarts_with(text, scheme)) continue;
    tls = scheme == "https://";
    text.remove_prefix(scheme.size());
    return true;
  }
  return false;
}

/// Takes the host off `authority`, and leaves `:port` or nothing. An empty result is an error.
std::string take_host(std::string_view& authority) {
  if (authority.starts_with('[')) {
    const std::size_t end = authority.find(']');
    if (end == std::string_view::npos) return {};
    std::string host = base::to_lower(authority.substr(1, end - 1));
    authority.remove_prefix(end + 1);
    return is_ipv6(host) ? host : std::string();
  }
  const std::size_t end = std::min(authority.find(':'), authority.size());
  const std::string_view host = authority.substr(0, end);
  authority.remove_prefix(end);
  if (!std::all_of(host.begin(), host.end(), is_host_char)) return {};
  return base::to_lower(host);
}

/// Reads the port: nothing or a bare colon is the default (RFC 3986 section 3.2.3).
std::optional<std::uint16_t> parse_port(std::string_view text, bool tls) {
  if (text.empty() || text == ":") return default_port(tls);
  if (!text.starts_with(':')) return std::nullopt;
  const auto port = base::parse_decimal(text.substr(1));
  if (!port || *port == 0 || *port > 65535) return std::nullopt;
  return static_cast<std::uint16_t>(*port);
}

}  // namespace

std::string Url::authority() const {
  return port == default_port(tls) ? base::url_host(host) : base::authority(host, port);
}

std::string Url::origin() const {
  return (tls ? "https://" : "http://") + authority();
}

// The sentences never quote the text: it may hold a password.
base::Result<Url> parse_url(std::string_view text) {
  if (!std::all_of(text.begin(), text.end(), is_url_char)) {
    return malformed(
        "it holds a space, a backslash, a control or a non-ASCII character; encode it as %XX");
  }
  Url url;
  if (!take_scheme(text, url.tls)) return malformed("it does not start with https:// or http://");
  if (text.find('#') != std::string_view::npos) {
    return malformed("it has a fragment (#), which is never sent; leave it out");
  }
  std::string_view authority = text.substr(0, text.find_first_of("/?"));
  text.remove_prefix(authority.size());
  if (authority.find('@') != std::string_view::npos) {
    return malformed("it has user information (before @); a credential does not belong into a URL");
  }
  url.host = take_host(authority);
  if (url.host.empty()) return malformed("it has no host, or one that is not a name or an address");
  const auto port = parse_port(authority, url.tls);
  if (!port) return malformed("its port is not a number from 1 to 65535");
  url.port = *port;
  if (text.starts_with('?')) url.path = "/";
  url.path += text;
  return url;
}

}  // namespace bearer::http
