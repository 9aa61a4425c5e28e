#include "net/address.h"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <optional>

#include "base/host.h"
#include "base/text.h"
#include "net/unix_path.h"

namespace bearer::net {
namespace {

using base::Errc;
using base::Error;

Error unusable(std::string_view why) {
  return {Errc::address_unusable, std::string(why)};
}

/// One spelling for one address, so that equal addresses compare equal.
std::optional<std::string> canonical_ipv6(const std::string& text) {
  in6_addr address{};
  std::array<char, INET6_ADDRSTRLEN> spelled{};
  if (text.find('\0') != std::string::npos) return std::nullopt;  // C would stop reading there
  if (inet_pton(AF_INET6, text.c_str(), &address) != 1) return std::nullopt;
  return inet_ntop(AF_INET6, &address, spelled.data(), spelled.size());
}

bool is_ipv4(const std::string& text) {
  in_addr address{};
  return inet_pton(AF_INET, text.c_str(), &address) == 1;
}

bool is_name(std::string_view text) {
  constexpr std::size_t kNameBytesMax = 253;
  if (text.empty() || text.size() > kNameBytesMax || text.front() == '.' || text.front() == '-') {
    return false;
  }
  return std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || base::is_digit(c) || c == '-' || c == '.' || c == '_';
  });
}

bool is_all_digits_and_dots(std::string_view text) {
  return text.find_first_not_of("0123456789.") == std::string_view::npos;
}

constexpr std::string_view kNoUrl =
    "is a URL; write host:port alone, as in 127.0.0.1:8080, or unix:/path";

Error without_port(std::string_view text) {
  const bool port = !text.empty() && std::ranges::all_of(text, base::is_digit);
  if (!port) return unusable("has no port; write host:port");
  return {Errc::address_unusable, "has no host; write 127.0.0.1:" + std::string(text)};
}

base::Result<Address> parse_unix(std::string_view path) {
  if (path.empty()) return unusable("names no path; write unix:/run/bearer-proxy/http.sock");
  if (path.find('\0') != std::string_view::npos) return unusable("holds a NUL byte in its path");
  if (path.size() > kUnixPathBytesMax) {
    return unusable("has a path of more than 107 bytes, which no unix socket can have");
  }
  Address address;
  address.path = path;
  return address;
}

}  // namespace

bool Address::is_local() const {
  return !path.empty() || base::is_loopback(host);
}

std::string Address::text() const {
  if (!path.empty()) return "unix:" + path;
  return base::authority(host, port);
}

base::Result<Address> parse_address(std::string_view text) {
  if (text.starts_with("unix:")) return parse_unix(text.substr(5));
  if (text.find("://") != std::string_view::npos) return unusable(kNoUrl);
  const std::size_t colon = text.rfind(':');
  if (colon == std::string_view::npos) return without_port(text);
  const auto port = base::parse_decimal(text.substr(colon + 1));
  if (!port || *port > 65535) return unusable("has no port from 0 to 65535 after its last colon");

  Address address{base::to_lower(text.substr(0, colon)), static_cast<std::uint16_t>(*port)};
  if (address.host.empty()) return unusable("has no host; write 127.0.0.1:8080 or localhost:8080");
  if (address.host.starts_with('[') && address.host.ends_with(']')) {
    const auto ipv6 = canonical_ipv6(address.host.substr(1, address.host.size() - 2));
    if (!ipv6) return unusable("has no IPv6 address between its brackets");
    address.host = *ipv6;
    return address;
  }
  if (address.host.find(':') != std::string::npos) {
    return unusable("holds more than one colon; an IPv6 address stands in brackets: [::1]:8080");
  }
  if (is_all_digits_and_dots(address.host) ? !is_ipv4(address.host) : !is_name(address.host)) {
    return unusable("has a host that is neither an address nor a name");
  }
  return address;
}

}  // namespace bearer::net
