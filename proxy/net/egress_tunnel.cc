#include "net/egress_tunnel.h"

#include <array>
#include <string_view>
#include <utility>

#include "base/text.h"
#include "net/write_all.h"

namespace bearer::net {
namespace {

constexpr std::size_t kAnswerBytesMax = 16u << 10;

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
  return {base::Errc::connect_refused, why};
}

base::Error gave_up(Wake woke) {
  if (woke == Wake::peer_closed) return {base::Errc::client_left, ""};
  return {base::Errc::connect_timeout, "waiting for the tunnel"};
}

/// Reads the status from a whole head: 2xx means that there is a tunnel.
base::Result<void> judge(std::string_view head) {
  base::take_until(head, ' ');  // the version
  const auto status = base::parse_decimal(head.substr(0, 3));
  if (!status) return no_tunnel("it does not answer as HTTP");
  if (*status / 100 == 2) return {};
  const std::string why = "it answered CONNECT with " + std::to_string(*status);
  return base::Error{base::Errc::connect_refused, why};
}

}  // namespace

Task<base::Result<void>> open_tunnel(Stream& stream, Wait wait, const EgressProxy& proxy,
                                     const std::string& target) {
  const base::Secret request = connect_request(proxy, target);
  const Written written = co_await write_all(stream, wait, request.reveal());
  switch (written) {
    case Written::whole: break;
    case Written::broken: co_return no_tunnel("it hung up");
    case Written::late: co_return gave_up(Wake::timed_out);
    case Written::left: co_return gave_up(Wake::peer_closed);
  }
  constexpr std::string_view kStart = "HTTP/1.";
  std::string head;
  for (;;) {
    // One byte at a time: bytes after the head are the target's, and must not be taken here.
    std::array<char, 1> byte;
    const Io io = stream.read(byte);
    if (io.ok()) {
      head += byte[0];
      // Another protocol's server may never end its line.
      const std::string_view start = std::string_view(head).substr(0, kStart.size());
      if (!kStart.starts_with(start)) co_return no_tunnel("it does not answer as HTTP");
      if (head.ends_with("\r\n\r\n")) co_return judge(head);
      if (head.size() == kAnswerBytesMax) co_return no_tunnel("it does not answer as HTTP");
    } else if (!io.blocked()) {
      co_return no_tunnel("it hung up");
    } else if (const Wake woke = co_await wait.next(); woke != Wake::ready) {
      co_return gave_up(woke);
    }
  }
}

}  // namespace bearer::net
