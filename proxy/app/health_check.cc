#include "app/health_check.h"

#include <sys/socket.h>
#include <sys/time.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <string_view>
#include <thread>

#include "app/exit_status.h"
#include "base/descriptor.h"
#include "base/log.h"
#include "base/text.h"
#include "http/head_parser.h"
#include "http/head_scanner.h"
#include "net/resolver.h"
#include "net/unix_path.h"

namespace bearer::app {
namespace {

using namespace std::chrono_literals;

constexpr base::Duration kAnswerPatience = 5s;  // of a port on the same machine
constexpr base::Duration kPauseBetween = 50ms;
constexpr std::size_t kAnswerBytesMax = 64u << 10;
constexpr std::size_t kReasonCharsMax = 500;

using Time = std::chrono::steady_clock::time_point;

/// A connection that waits in no call for longer than until `deadline`. Each answers 0, or an
/// errno.
class Connection {
 public:
  Connection(int family, Time deadline)
      : socket_(socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0)), deadline_(deadline) {}

  int open(const net::SocketAddress& address) {
    if (!socket_.open()) return errno;
    if (!limit(SO_SNDTIMEO)) return EAGAIN;
    return connect(socket_.get(), address.get(), address.size) != 0 ? errno : 0;
  }
  /// So few bytes go in one piece.
  int ask(std::string_view request) {
    return send(socket_.get(), request.data(), request.size(), MSG_NOSIGNAL) < 0 ? errno : 0;
  }
  /// Until the other end closes it, or enough is there.
  int read_to_end(std::string& bytes) {
    std::array<char, 4096> piece;
    while (bytes.size() < kAnswerBytesMax) {
      if (!limit(SO_RCVTIMEO)) return EAGAIN;
      const ssize_t size = recv(socket_.get(), piece.data(), piece.size(), 0);
      if (size < 0 && errno == EINTR) continue;
      if (size < 0) return errno;
      if (size == 0) break;
      bytes.append(piece.data(), static_cast<std::size_t>(size));
    }
    return 0;
  }

 private:
  /// Of the calls to come. False if no time is left: 0 would be no limit.
  bool limit(int option) {
    const auto left =
        std::chrono::ceil<std::chrono::microseconds>(deadline_ - std::chrono::steady_clock::now());
    if (left.count() <= 0) return false;
    const timeval time{left.count() / 1'000'000, left.count() % 1'000'000};
    return setsockopt(socket_.get(), SOL_SOCKET, option, &time, sizeof time) == 0;
  }

  const base::Descriptor socket_;
  const Time deadline_;
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

std::string request_to(const net::Address& admin, std::string_view path) {
  const std::string host =
      admin.path.empty() ? net::Address{reached_by(admin.host), admin.port}.text() : "localhost";
  return "GET " + std::string(path) + " HTTP/1.0\r\nHost: " + host +
         "\r\nConnection: close\r\n\r\n";
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
  return std::to_string(head.status) + " " + base::printable(reason, kReasonCharsMax);
}

std::string reason_of(int error, base::Duration patience) {
  // As the kernel says that a time limit has passed, the second one while it connects.
  if (error != EAGAIN && error != EINPROGRESS) return std::strerror(error);
  return "no answer within " + base::format_duration(patience);
}

}  // namespace

std::string why_not_well(const net::Address& admin, std::string_view path,
                         base::Duration patience) {
  const auto addresses = addresses_of(admin);
  if (!addresses) return addresses.error().detail;
  const Time deadline = std::chrono::steady_clock::now() + patience;
  int error = 0;
  for (const net::SocketAddress& address : *addresses) {
    Connection connection(address.family(), deadline);
    error = connection.open(address);
    if (error != 0) continue;
    std::string answer;
    error = connection.ask(request_to(admin, path));
    if (error == 0) error = connection.read_to_end(answer);
    if (error == 0 || !answer.empty()) return judge(answer);
    break;
  }
  return reason_of(error, patience);
}

int health_check(const config::HealthQuestion& question) {
  const auto deadline = std::chrono::steady_clock::now() + question.wait;
  base::Duration left = question.wait;
  for (;;) {
    const base::Duration patience = left > 0s ? std::min(left, kAnswerPatience) : kAnswerPatience;
    const std::string reason =
        why_not_well(question.admin, question.live ? "/healthz" : "/readyz", patience);
    if (reason.empty()) return kFine;
    left = deadline - std::chrono::steady_clock::now();
    if (left <= 0s) {
      base::say((question.live ? "not alive (" : "not ready (") + question.admin.text() +
                "): " + reason);
      return kRuntimeFailure;
    }
    std::this_thread::sleep_for(std::min(left, kPauseBetween));
  }
}

}  // namespace bearer::app
