#include "base/host.h"

#include <arpa/inet.h>

#include <string>

#include "base/text.h"

namespace bearer::base {

bool is_loopback(std::string_view host) {
  constexpr std::string_view kUnderLocalhost = ".localhost";
  if (iequals(host, kUnderLocalhost.substr(1)) || host == "::1") return true;
  if (host.size() > kUnderLocalhost.size() &&
      iequals(host.substr(host.size() - kUnderLocalhost.size()), kUnderLocalhost)) {
    return true;
  }
  const std::string text(host);
  if (text.find('\0') != std::string::npos) return false;  // inet_pton stops reading there
  in_addr address{};
  return inet_pton(AF_INET, text.c_str(), &address) == 1 && ntohl(address.s_addr) >> 24 == 127;
}

std::string url_host(std::string_view host) {
  const bool ipv6 = host.find(':') != std::string_view::npos;
  return ipv6 ? "[" + std::string(host) + "]" : std::string(host);
}

std::string authority(std::string_view host, std::uint16_t port) {
  return url_host(host) + ":" + std::to_string(port);
}

}  // namespace bearer::base
