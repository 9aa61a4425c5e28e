#include "net/egress.h"

#include <arpa/inet.h>

#include <algorithm>

#include "base/host.h"
#include "base/text.h"

namespace bearer::net {
namespace {

/// An address as bytes, IPv4 or IPv6; empty if it is none.
std::string address_bytes(const std::string& text) {
  std::string bytes(sizeof(in6_addr), '\0');
  if (inet_pton(AF_INET6, text.c_str(), bytes.data()) == 1) return bytes;
  bytes.resize(sizeof(in_addr));
  return inet_pton(AF_INET, text.c_str(), bytes.data()) == 1 ? bytes : std::string();
}

bool in_network(const std::string& host, std::string_view entry) {
  const std::string network = address_bytes(std::string(base::take_until(entry, '/')));
  const std::string address = address_bytes(host);
  if (network.empty() || network.size() != address.size()) return false;
  const std::size_t bits_max = network.size() * 8;
  const std::uint64_t bits = base::parse_decimal(entry).value_or(bits_max);
  if (bits > bits_max) return false;
  for (std::size_t bit = 0; bit < bits; ++bit) {
    const int mask = 0x80 >> (bit % 8);
    if ((network[bit / 8] & mask) != (address[bit / 8] & mask)) return false;
  }
  return true;
}

bool covers(std::string_view entry, std::string_view host) {
  if (entry == "*") return true;
  if (in_network(std::string(host), entry)) return true;
  if (entry.starts_with('.')) entry.remove_prefix(1);
  if (entry.empty() || host.size() < entry.size()) return false;
  const std::string_view end = host.substr(host.size() - entry.size());
  const bool whole = host.size() == entry.size() || host[host.size() - entry.size() - 1] == '.';
  return whole && base::iequals(end, entry);
}

}  // namespace

EgressProxy EgressOptions::proxy_for(std::string_view host) const {
  const bool direct =
      base::is_loopback(host) || base::is_metadata_host(host) ||
      std::ranges::any_of(exempt, [&](const std::string& entry) { return covers(entry, host); });
  return direct ? EgressProxy{} : proxy;
}

}  // namespace bearer::net
