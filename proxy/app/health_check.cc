#include "app/health_check.h"

#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <iostream>
#include <string_view>
#include <thread>

#include "app/app.h"
#include "base/text.h"
#include "http/head_parser.h"
#include "http/head_scanner.h"
#include "net/resolver.h"
#include "net/unix_path.h"
#include "token/printable.h"

namespace bearer::app {
namespace {

using namespace std::chrono_literals;

constexpr base::Duration kAnswerPatience = 5s;  // of a port on the same machine
constexpr base::Duration kPauseBetween = 50ms;
constexpr std::size_t kAnswerBytesMax = 64u << 10;
constexpr std::size_t kReasonCharsMax = 500;

class Socket {
 public:
  explicit Socket(int family) : fd_(socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0)) {}
  ~Socket() {
    if (fd_ >= 0) close(fd_);
  }
  Socket(const Socket&) = delete;
  Socket& operator=(const Socket&) = delete;
  int fd() const { return fd_; }

 private:
  int fd_;
};

/// 0.0.0.0 and [::] stand for every address, loopback's among them.
std::string reached_by(const std::string& host) {
  if (host == "0.0.0.0") return "127.0.0.1";
  return host == "::" ? "::1" : host;
}

base::Result<net::SocketAddresses> addresses_of(const net::Address& admin) {
  if (!admin.path.empty()) return net::SocketAddresses{net::unix_address(admin.path)};
  return net::resolve(reached_by(admin.host), admin.port);
}

std::string request_to(const net::Address& admin) {
  const std::string host =
      admin.path.empty() ? net::Address{reached_by(admin.host), admin.port}.text() : "localhost";
  return "GET /readyz HTTP/1.0\r\nHost: " + host + "\r\nConnection: close\r\n\r\n";
}

/// 0, or an errno.
int connect_and_send(const Socket& socket, const net::SocketAddress& address,
                     std::string_view request, base::Duration patience) {
  const auto whole = std::chrono::ceil<std::chrono::microseconds>(patience).count();
  const timeval limit{whole / 1'000'000, whole % 1'000'000};
  setsockopt(socket.fd(), SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
  setsockopt(socket.fd(), SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
  if (connect(socket.fd(), address.get(), address.size) != 0) return errno;
  // So few bytes go in one piece.
  return send(socket.fd(), request.data(), request.size(), MSG_NOSIGNAL) < 0 ? errno : 0;
}

std::string read_all(const Socket& socket) {
  std::string bytes;
  std::array<char, 4096> piece;
  while (bytes.size() < kAnswerBytesMax) {
    const ssize_t size = recv(socket.fd(), piece.data(), piece.size(), 0);
    if (size < 0 && errno == EINTR) continue;
    if (size <= 0) break;
    bytes.append(piece.data(), static_cast<std::size_t>(size));
  }
  return bytes;
}

/// Empty where it says yes.
std::string judge(std::string_view answer) {
  http::HeadScanner scanner(http::HeadScanner::Kind::response);
  http::ResponseHead head;
  const bool parsed =
      !answer.empty() && scanner.feed(answer) == http::HeadScanner::Status::complete &&
      http::parse_response_head(answer.substr(0, scanner.length()), head) == http::HeadFault::none;
  if (!parsed) return "what listens there gave no proper answer: it may be another program";
  if (head.status == 200) return "";
  std::string_view reason = answer.substr(scanner.length());
  while (reason.ends_with('\n')) reason.remove_suffix(1);
  return std::to_string(head.status) + " " + token::printable(reason, kReasonCharsMax);
}

}  // namespace

std::string why_not_ready(const net::Address& admin, base::Duration patience) {
  const auto addresses = addresses_of(admin);
  if (!addresses) return addresses.error().detail;
  int error = 0;
  for (const net::SocketAddress& address : *addresses) {
    const Socket socket(address.family());
    if (socket.fd() < 0) return std::strerror(errno);
    error = connect_and_send(socket, address, request_to(admin), patience);
    if (error == 0) return judge(read_all(socket));
  }
  return std::strerror(error);
}

int health_check(const config::HealthQuestion& question) {
  const auto deadline = std::chrono::steady_clock::now() + question.wait;
  base::Duration left = question.wait;
  for (;;) {
    const base::Duration patience = left > 0s ? std::min(left, kAnswerPatience) : kAnswerPatience;
    const std::string reason = why_not_ready(question.admin, patience);
    if (reason.empty()) return kFine;
    left = deadline - std::chrono::steady_clock::now();
    if (left <= 0s) {
      std::cerr << "bearer-proxy: not ready (" << question.admin.text() << "): " << reason << '\n';
      return kRuntimeFailure;
    }
    std::this_thread::sleep_for(std::min(left, kPauseBetween));
  }
}

}  // namespace bearer::app
