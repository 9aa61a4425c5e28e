#include "app/health_check.h"

#include <algorithm>
#include <chrono>
#include <string>
#include <string_view>
#include <thread>

#include "app/exit_status.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/text.h"
#include "net/connect.h"
#include "net/resolver.h"
#include "net/run.h"
#include "net/unix_path.h"
#include "wire/one_request.h"

namespace bearer::app {
namespace {

using namespace std::chrono_literals;

constexpr base::Duration kAnswerPatience = 5s;  // for a port on the same machine
constexpr base::Duration kPauseBetween = 50ms;
constexpr std::size_t kAnswerBytesMax = 64u << 10;
constexpr std::size_t kReasonCharsMax = 500;

/// 0.0.0.0 and [::] mean every address, loopback among them.
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

constexpr const char* kNoProperAnswer =
    "what listens there gave no proper answer: it may be another program";

std::string reason_of(const base::Error& fault, base::Duration patience) {
  switch (fault.code) {
    case base::Errc::connect_timeout:
    case base::Errc::response_timeout: return "no answer within " + base::format_duration(patience);
    case base::Errc::connection_lost:
    case base::Errc::response_malformed: return kNoProperAnswer;
    default: return fault.detail;
  }
}

/// Empty if the answer is 200, else its text; an Error if there is no answer.
net::Task<base::Result<std::string>> ask(net::Loop& loop, net::SocketAddresses addresses,
                                         std::string request, net::Wait wait) {
  base::Error last{base::Errc::connect_unreachable, "it has no address"};
  for (const net::SocketAddress& address : addresses) {
    const auto stream = co_await net::connect(loop, address, wait);
    if (!stream) {
      last = stream.error();
      continue;
    }
    wire::OneRequest asked(**stream, wait, kAnswerBytesMax);
    const base::Result<void> sent = co_await asked.send(request);
    if (!sent) co_return sent.error();
    http::ResponseHead head;
    const base::Result<void> headed = co_await asked.read_head(head);
    if (!headed) co_return headed.error();
    if (head.status == 200) co_return std::string();
    const base::Result<base::Secret> body = co_await asked.read_body(http::Method::get, head);
    if (!body) co_return body.error();
    std::string_view reason = body->reveal();
    while (reason.ends_with('\n')) reason.remove_suffix(1);
    co_return std::to_string(head.status) + " " + base::printable(reason, kReasonCharsMax);
  }
  co_return last;
}

/// Returns why the answer for `path` is not 200, for a person; empty if it is.
std::string why_not_well(const net::Address& admin, std::string_view path,
                         base::Duration patience) {
  const auto addresses = addresses_of(admin);
  if (!addresses) return addresses.error().detail;
  net::Loop loop(base::system_clock());
  net::Sleeper sleeper(loop);
  const net::Wait wait{sleeper, base::after(loop.clock().now(), patience)};
  const auto said = net::run<base::Result<std::string>>(
      loop, ask(loop, *addresses, request_to(admin, path), wait), std::string());
  return said ? *said : reason_of(said.error(), patience);
}

}  // namespace

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
