#include "net/egress.h"

#include <arpa/inet.h>

#include <algorithm>
#include <array>

#include "base/host.h"
#include "base/text.h"
#include "net/outbox.h"

namespace bearer::net {
namespace {

constexpr std::size_t kAnswerBytesMax = 16u << 10;

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

base::Secret connect_request(const EgressProxy& proxy, const std::string& target) {
  const std::string head = "CONNECT " + target + " HTTP/1.1\r\nHost: " + target + "\r\n";
  constexpr std::string_view kField = "Proxy-Authorization: ";
  const std::string_view authorization = proxy.authorization.reveal();
  std::string text;
  text.reserve(head.size() + kField.size() + authorization.size() + 4);  // no copies by growing
  text.append(head);
  if (!authorization.empty()) text.append(kField).append(authorization).append("\r\n");
  text.append("\r\n");
  return base::Secret(std::move(text));
}

base::Error no_tunnel(const std::string& why) {
  return {base::Errc::connect_unreachable, why};
}

base::Error gave_up(Woke woke) {
  if (woke == Woke::left) return {base::Errc::client_left, ""};
  return {base::Errc::connect_timeout, "waiting for the tunnel"};
}

/// What a whole head says: 2xx is a tunnel.
base::Result<void> judge(std::string_view head) {
  std::string_view version = base::take_until(head, ' ');
  const auto status = base::parse_decimal(head.substr(0, 3));
  if (!version.starts_with("HTTP/1.") || !status) return no_tunnel("it does not answer as HTTP");
  if (*status / 100 == 2) return {};
  const std::string why = "it answered CONNECT with " + std::to_string(*status);
  return base::Error{base::Errc::connect_refused, why};
}

}  // namespace

EgressProxy EgressOptions::proxy_for(std::string_view target) const {
  const bool direct =
      base::is_loopback(target) ||
      std::ranges::any_of(exempt, [&](const std::string& entry) { return covers(entry, target); });
  return direct ? EgressProxy{} : proxy;
}

Task<base::Result<void>> open_tunnel(Stream& stream, Wait wait, const EgressProxy& proxy,
                                     const std::string& target) {
  const base::Secret request = connect_request(proxy, target);
  std::string_view unsent = request.reveal();
  while (!unsent.empty()) {
    const std::array parts = {part(unsent)};
    const Io io = stream.write(parts);
    if (io.ok()) {
      unsent.remove_prefix(io.bytes);
    } else if (!io.blocked()) {
      co_return no_tunnel("it hung up");
    } else if (const Woke woke = co_await wait.next(); woke != Woke::changed) {
      co_return gave_up(woke);
    }
  }
  std::string head;
  for (;;) {
    // One byte at a time: what follows the head is the target's, and not ours to take here.
    std::array<char, 1> byte;
    const Io io = stream.read(byte);
    if (io.ok()) {
      head += byte[0];
      if (head.ends_with("\r\n\r\n")) co_return judge(head);
      if (head.size() == kAnswerBytesMax) co_return no_tunnel("it does not answer as HTTP");
    } else if (!io.blocked()) {
      co_return no_tunnel("it hung up");
    } else if (const Woke woke = co_await wait.next(); woke != Woke::changed) {
      co_return gave_up(woke);
    }
  }
}

}  // namespace bearer::net
