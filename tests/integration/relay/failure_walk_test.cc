// Every I/O operation of an exchange fails once, one after the other; whatever fails, the client
// gets the right answer or sees that it got none, nothing is left behind, and the next request
// works.
#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/socket.h>

#include <chrono>
#include <filesystem>
#include <future>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <type_traits>

#include "net/tcp_stream.h"
#include "relay/sessions.h"
#include "tests/support/faulty_stream.h"
#include "tests/support/message_server.h"
#include "tests/support/observations.h"
#include "tests/support/owned_clock.h"
#include "tests/support/patience.h"
#include "tests/support/scripted_source.h"

using namespace bearer;
using namespace bearer::test;
using namespace std::chrono_literals;

namespace {

/// The API: refuses the token `stale`, and gives back what it was sent, chunked where it came so.
std::optional<std::string> echo(const RawMessage& request) {
  if (request.has("Authorization: Bearer stale")) return answer("401 Unauthorized", "stale");
  const std::string body = request.start_line + "\n" + request.body;
  if (!request.has("Transfer-Encoding: chunked")) return answer("200 OK", body);
  return "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + chunk(body.substr(0, 4)) +
         chunk(body.substr(4)) + chunk("");
}

std::size_t open_descriptors() {
  std::size_t count = 0;
  for ([[maybe_unused]] const auto& entry : std::filesystem::directory_iterator("/proc/self/fd")) {
    ++count;
  }
  return count;
}

/// One loop on a thread, with one place in flight, whose streams all share a plan.
class Walker {
 public:
  Walker(std::uint16_t upstream_port, const std::string& token, FaultPlan& plan) : plan_(plan) {
    tokens_.issue(token);
    tokens_.issue_when_rejected({"fresh"});
    sessions_.emplace(relay::Sessions::Parts{.clock = clock_,
                                             .observer = seen_,
                                             .registry = registry_,
                                             .random = std::make_unique<base::JitterRandom>(1),
                                             .clients_max = 10,
                                             .drained = [] {}});
    net::Loop& loop = sessions_->loop();
    auto tcp =
        std::make_unique<net::TcpDialer>(loop, resolver_, "127.0.0.1", upstream_port, nullptr);
    std::vector<std::unique_ptr<net::Dialer>> dialers;
    dialers.push_back(std::make_unique<FaultyDialer>(std::move(tcp), plan_));
    sessions_->apply(std::make_shared<relay::LoopRoutes>(requests_to(upstream_port),
                                                         std::move(dialers), registry_, loop));
    thread_ = std::thread([&loop] { loop.run(); });
  }
  ~Walker() {
    sessions_->loop().stop();
    thread_.join();
  }

  RawSocket client() {
    int ends[2];
    REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) == 0);
    ::fcntl(ends[1], F_SETFL, O_NONBLOCK);
    on_loop([this, fd = ends[1]] {
      auto stream = net::TcpStream::open(sessions_->loop(), fd);
      sessions_->add_client(std::make_unique<FaultyStream>(std::move(stream), plan_), {}, -1);
      return 0;
    });
    return RawSocket(ends[0]);
  }

  /// True once every client is gone, as one that has hung up is after a few turns of the loop.
  bool empty() {
    const auto deadline = std::chrono::steady_clock::now() + kPatience;
    while (on_loop([this] { return sessions_->clients(); }) > 0) {
      if (std::chrono::steady_clock::now() > deadline) return false;
    }
    return true;
  }

 private:
  std::shared_ptr<const relay::Snapshot> requests_to(std::uint16_t port) {
    relay::RouteOptions route;
    route.upstream = {false, "127.0.0.1", port, ""};
    route.retry.backoff_base = 0s;
    route.in_flight_max = 1;
    route.replay_memory_bytes_max = 1000;
    relay::TokenSources credentials{{"default", borrowed(tokens_)}};
    return std::make_shared<const relay::Snapshot>(relay::ServiceOptions{}, std::vector{route},
                                                   std::move(credentials));
  }

  template <typename Function>
  std::invoke_result_t<Function> on_loop(Function function) {
    std::packaged_task<std::invoke_result_t<Function>()> task(std::move(function));
    auto result = task.get_future();
    sessions_->loop().post([&task] { task(); });
    return result.get();
  }

  FaultPlan& plan_;
  OwnedClock clock_;
  ScriptedSource tokens_{clock_};
  Observations seen_;
  net::Resolver resolver_;
  relay::CounterRegistry registry_;
  std::optional<relay::Sessions> sessions_;
  std::thread thread_;
};

/// All that the client gets after `request`, whose body it holds back until it is asked for it if
/// it says so. Throws if the connection breaks.
std::string send_and_read(RawSocket& client, const std::string& request) {
  const std::size_t body = request.find("\r\n\r\n") + 4;
  const bool asks = request.find("Expect: 100-continue") != std::string::npos;
  client.send(request.substr(0, asks ? body : std::string::npos));
  if (asks) {
    const std::string first = client.read_until("\r\n\r\n");
    if (first != "HTTP/1.1 100 Continue\r\n\r\n") return first + client.read_to_end();
    client.send(request.substr(body));
  }
  return client.read_to_end();
}

/// A client makes one of these of its connection's bytes.
enum class Got { answer, refusal, nothing_whole };

Got ask_once(Walker& walker, const std::string& request, const std::string& expected) {
  RawSocket client = walker.client();
  std::string bytes;
  try {
    bytes = send_and_read(client, request);
  } catch (const std::runtime_error& error) {
    INFO(error.what());
    CHECK(std::string_view(error.what()).find("nothing happened") == std::string_view::npos);
    return Got::nothing_whole;
  }
  const std::optional<RawMessage> response = take_message(bytes);
  if (!response) return Got::nothing_whole;
  CHECK(bytes.empty());  // one answer, and nothing behind it
  if (response->status() == 502) {
    CHECK(response->value("Proxy-Status").starts_with("bearer-proxy; error="));
    return Got::refusal;
  }
  CHECK(response->status() == 200);
  CHECK((response->body == expected));
  return Got::answer;
}

struct Case {
  std::string name, token;
  std::string request, expected;
};

std::string with_close(std::string request) {
  return request.insert(request.find("\r\n") + 2, "Connection: close\r\n");
}

std::vector<Case> cases() {
  const std::string body = "{\"order\":1}", large(5000, 'o');
  const std::string line = "POST / HTTP/1.1\n";
  return {
      {"GET", "good", with_close(get()), "GET / HTTP/1.1\n"},
      {"POST", "good", with_close(post(body)), line + body},
      {"POST to a file", "good", with_close(post(large)), line + large},
      {"POST in chunks", "good", with_close(post_chunked(body)), line + body},
      {"POST after 100 Continue", "good", with_close(post(body, "Expect: 100-continue\r\n")),
       line + body},
      {"GET with a 401", "stale", with_close(get()), "GET / HTTP/1.1\n"},
      {"POST with a 401", "stale", with_close(post(body)), line + body},
      {"POST to a file with a 401", "stale", with_close(post(large)), line + large},
      {"POST in chunks with a 401", "stale", with_close(post_chunked(large)), line + large},
  };
}

/// The n-th operation fails; false once the exchange has fewer than that.
bool survives(const Case& c, Fault fault, int nth) {
  MessageServer server(echo);
  const std::size_t before = open_descriptors();
  FaultPlan plan(fault, nth);
  bool reached = false;
  {
    Walker walker(server.port(), c.token, plan);
    const Got got = ask_once(walker, c.request, c.expected);
    CHECK(walker.empty());
    reached = plan.disarm();
    if (fault == Fault::one_byte || !reached) CHECK(got == Got::answer);
    CHECK(ask_once(walker, c.request, c.expected) == Got::answer);
    CHECK(walker.empty());
  }
  server.await_idle();
  CHECK(open_descriptors() == before);
  return reached;
}

}  // namespace

TEST_CASE("whatever operation of an exchange fails, it ends in the right answer or in none") {
  for (const Case& c : cases()) {
    CAPTURE(c.name);
    for (const Fault fault :
         {Fault::failed, Fault::ended, Fault::one_byte, Fault::one_byte_failed}) {
      CAPTURE(static_cast<int>(fault));
      constexpr int kOperationsMax = 200;
      int nth = 1;
      for (; nth < kOperationsMax; ++nth) {
        CAPTURE(nth);
        if (!survives(c, fault, nth)) break;
      }
      CHECK(nth > 5);
      CHECK(nth < kOperationsMax);
    }
  }
}
