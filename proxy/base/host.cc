#include "base/host.h"

#include <arpa/inet.h>

#include <array>
#include <string>

#include "base/text.h"

namespace bearer::base {

namespace {

/// `localhost.` is `localhost`, whatever domain the machine searches.
std::string_view without_root(std::string_view name) {
  if (name.ends_with('.')) name.remove_suffix(1);
  return name;
}

}  // namespace

bool is_loopback(std::string_view host) {
  constexpr std::string_view kUnderLocalhost = ".localhost";
  if (host == "127.0.0.1" || host == "::1") return true;  // the usual spellings
  const std::string_view name = without_root(host);
  if (iequals(name, kUnderLocalhost.substr(1))) return true;
  if (name.size() > kUnderLocalhost.size() &&
      iequals(name.substr(name.size() - kUnderLocalhost.size()), kUnderLocalhost)) {
    return true;
  }
  const std::string text(host);
  if (text.find('\0') != std::string::npos) return false;  // inet_pton stops reading there
  in_addr address{};
  if (inet_pton(AF_INET, text.c_str(), &address) == 1) return ntohl(address.s_addr) >> 24 == 127;
  in6_addr six{};
  if (inet_pton(AF_INET6, text.c_str(), &six) != 1) return false;
  return IN6_IS_ADDR_LOOPBACK(&six) || (IN6_IS_ADDR_V4MAPPED(&six) && six.s6_addr[12] == 127);
}

std::string plain_loopback(std::string_view host) {
  const std::string text(host);
  if (!is_loopback(host)) return text;
  if (host.find(':') == std::string_view::npos) return is_digit(host.front()) ? text : "localhost";
  in6_addr six{};
  inet_pton(AF_INET6, text.c_str(), &six);
  if (!IN6_IS_ADDR_V4MAPPED(&six)) return "::1";
  std::array<char, INET_ADDRSTRLEN> four{};
  return inet_ntop(AF_INET, &six.s6_addr[12], four.data(), four.size());
}

bool is_link_local(std::string_view host) {
  const std::string text(host);
  if (text.find('\0') != std::string::npos) return false;  // inet_pton stops reading there
  in_addr address{};
  if (inet_pton(AF_INET, text.c_str(), &address) == 1) return ntohl(address.s_addr) >> 16 == 0xa9fe;
  in6_addr six{}, known{};
  if (inet_pton(AF_INET6, text.c_str(), &six) != 1) return false;
  if (six.s6_addr[0] == 0xfe && (six.s6_addr[1] & 0xc0) == 0x80) return true;
  for (const char* metadata : {"fd00:ec2::254", "fd20:ce::254"}) {
    inet_pton(AF_INET6, metadata, &known);
    if (IN6_ARE_ADDR_EQUAL(&six, &known)) return true;
  }
  return false;
}

bool is_private(std::string_view host) {
  const std::string text(host);
  if (text.find('\0') != std::string::npos) return false;
  in_addr address{};
  if (inet_pton(AF_INET, text.c_str(), &address) == 1) {
    const std::uint32_t four = ntohl(address.s_addr);
    return four >> 24 == 10 || four >> 20 == 0xac1 || four >> 16 == 0xc0a8;
  }
  in6_addr six{};
  return inet_pton(AF_INET6, text.c_str(), &six) == 1 && (six.s6_addr[0] & 0xfe) == 0xfc;
}

bool is_metadata_host(std::string_view host) {
  return is_link_local(host) || iequals(host, "metadata.google.internal");
}

std::string url_host(std::string_view host) {
  const bool ipv6 = host.find(':') != std::string_view::npos;
  return ipv6 ? "[" + std::string(host) + "]" : std::string(host);
}

std::string authority(std::string_view host, std::uint16_t port) {
  return url_host(host) + ":" + std::to_string(port);
}

}  // namespace bearer::base
