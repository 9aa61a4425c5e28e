// Bodies of 200 MiB each way arrive whole and are not kept in memory, and bodies that are kept have
// a limit together.
#include <doctest/doctest.h>

#include <fstream>

#include "tests/support/raw_message.h"
#include "tests/support/said.h"
#include "tests/system/curl.h"
#include "tests/system/proxy.h"
#include "tests/system/upstream.h"

using namespace bearer::test;
using Json = nlohmann::json;

namespace {

// The sandbox's pattern gives this for 200 MiB.
constexpr const char* kBodyBytes = "209715200";
constexpr const char* kBodySha256 =
    "a8e10facdcf76861b3da53b8f966c3ec38d04518c824f779894b7ae0adf9f525";

constexpr long kGrowthKiBMax = 16L << 10;

/// `VmRSS`, or `VmHWM` for the most it ever was.
long memory_kib(const Proxy& proxy, const std::string& field) {
  std::ifstream status("/proc/" + std::to_string(proxy.pid()) + "/status");
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with(field + ":")) return std::stol(line.substr(field.size() + 1));
  }
  return 0;
}

/// A proxy that has served once, and how much it grows from there.
class Growth {
 public:
  // Under AddressSanitizer, what was freed is kept aside: 1 MiB of it at most, or that is measured.
  explicit Growth(const Sandbox& sandbox)
      : proxy_(Strings{"--upstream", sandbox.url()} + credential_of(sandbox),
               kSandboxSecret + Strings{"ASAN_OPTIONS=quarantine_size_mb=1"}) {
    CHECK(curl({proxy_.url("/bytes/100000")}).status == 200);
    before_ = memory_kib(proxy_, "VmRSS");
    REQUIRE(before_ > 0);
  }

  std::string url(const std::string& target) const { return proxy_.url(target); }
  std::uint16_t port() const { return proxy_.port(); }
  long kib() const { return memory_kib(proxy_, "VmHWM") - before_; }

 private:
  Proxy proxy_;
  long before_ = 0;
};

std::string shell(const std::string& script) {
  const Finished finished = run({"bash", "-c", "set -o pipefail; " + script});
  CHECK(finished.status == 0);
  CHECK(finished.err == "");
  return finished.out;
}

std::string put(std::size_t bytes) {
  return "PUT /x HTTP/1.1\r\nHost: localhost\r\nContent-Length: " + std::to_string(bytes) +
         "\r\n\r\n";
}

const std::string kCurl =
    "curl --disable -sS --fail --noproxy '*' --max-time " + kCurlPatience + " ";

}  // namespace

TEST_CASE("200 MiB down arrive whole, and memory grows by less than 16 MiB") {
  const Sandbox sandbox;
  for (const std::string framing : {"/bytes/", "/chunked/"}) {
    CAPTURE(framing);
    const Growth growth(sandbox);
    const std::string sum = shell(kCurl + growth.url(framing + kBodyBytes) + " | sha256sum");
    CHECK(sum.starts_with(kBodySha256));
    CHECK(growth.kib() < kGrowthKiBMax);
  }
}

TEST_CASE("200 MiB up arrive whole, and memory grows by less than 16 MiB") {
  const Sandbox sandbox;
  const Growth growth(sandbox);
  const std::string echo = shell(kCurl + sandbox.url("/bytes/") + kBodyBytes + " | " + kCurl +
                                 "-T - " + growth.url("/echo"));
  const Json seen = Json::parse(echo);
  CHECK(seen.at("body_sha256") == kBodySha256);
  CHECK(growth.kib() < kGrowthKiBMax);
}

TEST_CASE("a download that nobody reads holds the upstream, not the memory") {
  const Sandbox sandbox;
  const Growth growth(sandbox);
  RawSocket reader = RawSocket::connect(growth.port(), 4096);
  reader.send(get(std::string("/bytes/") + kBodyBytes));
  reader.read_until("\r\n\r\n");
  // Others are served meanwhile: by then the first body has gone as far as it can.
  for (int i = 0; i < 20; ++i) CHECK(curl({growth.url("/bytes/1000000")}).status == 200);
  CHECK(growth.kib() < kGrowthKiBMax);
}

TEST_CASE("a body beyond --replay-total is sent once, until there is room again") {
  constexpr std::size_t kHeld = 80u << 10, kLate = 60u << 10;
  const Sandbox tokens;
  Upstream upstream;
  Proxy proxy(upstream.origin(), tokens,
              {"--replay-total", "100KiB", "--replay-memory", "0", "--backoff-base", "1ms"});
  const std::string busy =
      "HTTP/1.1 503 Service Unavailable\r\nContent-Length: 4\r\nConnection: close\r\n\r\nbusy";
  RawSocket holder = RawSocket::connect(proxy.port());
  holder.send(put(kHeld + 1) + std::string(kHeld, 'h'));
  RawSocket held = upstream.accept();
  held.read_until("\r\n\r\n");
  CHECK(held.read_bytes(kHeld) == std::string(kHeld, 'h'));

  RawSocket late = RawSocket::connect(proxy.port());
  late.send(put(kLate) + std::string(kLate, 'l'));
  upstream.take_request().send(busy);
  const auto relayed = read_message(late);
  CHECK(relayed.status() == 503);
  CHECK(says(proxy.program().await_error("have taken all room for replays"), "--replay-total"));

  holder.close();
  held.await_end();
  late.send(put(kLate) + std::string(kLate, 'm'));
  upstream.take_request().send(busy);
  RawSocket again = upstream.take_request();
  again.send("HTTP/1.1 204 No Content\r\n\r\n");
  CHECK(read_message(late).status() == 204);
  proxy.end();
}
