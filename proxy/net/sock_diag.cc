#include "net/sock_diag.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <linux/sock_diag.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <string>
#include <string_view>
#include <utility>

namespace bearer::net {
namespace {

// A socket that is bound to the loopback interface is found only by that interface's index, which
// is the same in every network namespace. A socket that is bound to none is found by any index.
constexpr std::uint32_t kLoopbackIndex = 1;

// The description of a socket takes some 100 bytes, and more if it has options.
constexpr std::size_t kAnswerBytesMax = 4096;

struct Question {
  nlmsghdr head;
  inet_diag_req_v2 body;
};

base::Error unanswered(const std::string& why) {
  return {base::Errc::address_unusable,
          "the kernel does not tell whose a connection is (" + why + ")"};
}

base::Error unanswered(int error) {
  return unanswered(std::string("sock_diag: ") + std::strerror(error));
}

/// An address and a port, in the form of the query.
struct Place {
  int family = AF_UNSPEC;
  std::array<std::uint32_t, 4> address{};
  std::uint16_t port = 0;  ///< in network order
};

Place place_of(const SocketAddress& address) {
  Place place;
  place.family = address.family();
  if (place.family == AF_INET) {
    const auto& v4 = reinterpret_cast<const sockaddr_in&>(address.storage);
    place.address[0] = v4.sin_addr.s_addr;
    place.port = v4.sin_port;
  } else if (place.family == AF_INET6) {
    const auto& v6 = reinterpret_cast<const sockaddr_in6&>(address.storage);
    place.port = v6.sin6_port;
    if (IN6_IS_ADDR_V4MAPPED(&v6.sin6_addr)) {
      place.family = AF_INET;
      std::memcpy(place.address.data(), &v6.sin6_addr.s6_addr[12], sizeof(in_addr));
    } else {
      std::memcpy(place.address.data(), &v6.sin6_addr, sizeof(in6_addr));
    }
  }
  return place;
}

Question question(const Place& local, const Place& remote, std::uint32_t number) {
  Question asked{};
  asked.head.nlmsg_len = sizeof asked;
  asked.head.nlmsg_type = SOCK_DIAG_BY_FAMILY;
  asked.head.nlmsg_flags = NLM_F_REQUEST;
  asked.head.nlmsg_seq = number;
  asked.body.sdiag_family = static_cast<std::uint8_t>(local.family);
  asked.body.sdiag_protocol = IPPROTO_TCP;
  asked.body.idiag_states = ~0U;
  inet_diag_sockid& id = asked.body.id;
  id.idiag_sport = local.port;
  id.idiag_dport = remote.port;
  std::ranges::copy(local.address, id.idiag_src);
  std::ranges::copy(remote.address, id.idiag_dst);
  id.idiag_if = kLoopbackIndex;
  std::ranges::fill(id.idiag_cookie, INET_DIAG_NOCOOKIE);
  return asked;
}

/// False if the message is too short for it.
template <typename T>
bool copy_out(std::string_view message, std::size_t offset, T& into) {
  if (message.size() < offset + sizeof into) return false;
  std::memcpy(&into, message.data() + offset, sizeof into);
  return true;
}

/// True if the attributes after the description say that the socket may still receive. A socket in
/// TIME_WAIT has none.
bool receives(std::string_view message) {
  constexpr std::uint8_t kReceivingEnded = 1;  // RCV_SHUTDOWN, of the kernel's net/sock.h
  std::size_t at = NLMSG_ALIGN(sizeof(nlmsghdr) + sizeof(inet_diag_msg));
  for (rtattr attribute; copy_out(message, at, attribute); at += RTA_ALIGN(attribute.rta_len)) {
    if (attribute.rta_len < sizeof attribute) return false;
    std::uint8_t ended = 0;
    if (attribute.rta_type == INET_DIAG_SHUTDOWN) {
      return copy_out(message, at + RTA_LENGTH(0), ended) && !(ended & kReceivingEnded);
    }
  }
  return false;
}

SockDiag::Answer refusal(std::string_view message) {
  nlmsgerr refusal;
  if (!copy_out(message, sizeof(nlmsghdr), refusal)) return unanswered("half an answer");
  if (refusal.error == -ENOENT) return std::optional<DiagnosedSocket>();
  return unanswered(-refusal.error);
}

SockDiag::Answer description(std::string_view message, const Place& remote) {
  inet_diag_msg found;
  if (!copy_out(message, sizeof(nlmsghdr), found)) return unanswered("half an answer");
  // If nobody has that connection, the kernel describes the listener at its address.
  if (found.id.idiag_dport != remote.port) return std::optional<DiagnosedSocket>();
  DiagnosedSocket socket{found.idiag_state, receives(message), std::nullopt};
  // A socket without an inode belongs to no process, and the kernel may put root's id here.
  if (found.idiag_inode != 0) socket.user = found.idiag_uid;
  return std::optional(socket);
}

/// Opens a socket of ours that listens on loopback, for a moment.
base::Descriptor known_socket() {
  base::Descriptor made(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in loopback{};
  loopback.sin_family = AF_INET;
  loopback.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const auto* address = reinterpret_cast<const sockaddr*>(&loopback);
  if (bind(made.get(), address, sizeof loopback) != 0 || listen(made.get(), 1) != 0) made.reset();
  return made;
}

}  // namespace

base::Result<SockDiag> SockDiag::open() {
  base::Descriptor channel(
      socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_SOCK_DIAG));
  // Once the channel is connected to the kernel, nobody else's messages come in.
  sockaddr_nl kernel{};
  kernel.nl_family = AF_NETLINK;
  const auto* address = reinterpret_cast<const sockaddr*>(&kernel);
  if (!channel.open() || connect(channel.get(), address, sizeof kernel) != 0) {
    return unanswered(errno);
  }
  SockDiag made(std::move(channel));
  const base::Descriptor known = known_socket();
  if (!known.open()) return unanswered("127.0.0.1: " + std::string(std::strerror(errno)));
  SocketAddress nobody;
  nobody.storage.ss_family = AF_INET;
  const Answer found = made.find(own_address(known.get()), nobody);
  if (!found) return found.error();
  if (!*found) return unanswered("it does not find our own socket: is the module tcp_diag there?");
  return made;
}

SockDiag::Answer SockDiag::find(const SocketAddress& local, const SocketAddress& remote) {
  const Place here = place_of(local), there = place_of(remote);
  if (here.family != there.family) return std::optional<DiagnosedSocket>();
  const Question asked = question(here, there, ++asked_);
  if (send(channel_.get(), &asked, sizeof asked, 0) < 0) return unanswered(errno);
  alignas(nlmsghdr) std::array<char, kAnswerBytesMax> space;
  for (;;) {
    // The kernel made the answer while the query was being sent.
    const ssize_t count = recv(channel_.get(), space.data(), space.size(), 0);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return unanswered(errno);
    nlmsghdr head;
    const std::string_view bytes(space.data(), static_cast<std::size_t>(count));
    if (!copy_out(bytes, 0, head)) return unanswered("half an answer");
    if (head.nlmsg_seq != asked.head.nlmsg_seq) continue;  // answers an abandoned query
    return head.nlmsg_type == NLMSG_ERROR ? refusal(bytes) : description(bytes, there);
  }
}

SockDiag::Answer SockDiag::other_end(int fd) {
  return find(peer_address(fd), own_address(fd));
}

SockDiag::Answer SockDiag::own_end(int fd) {
  return find(own_address(fd), peer_address(fd));
}

}  // namespace bearer::net
