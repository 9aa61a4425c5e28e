// Answers that come before the end of an upload: to a client that reads once it has sent all of it,
// Debian's python3-httpx, and to curl.
#include <doctest/doctest.h>

#include <atomic>
#include <string>
#include <utility>

#include "tests/support/raw_message.h"
#include "tests/support/raw_server.h"
#include "tests/support/said.h"
#include "tests/support/source_tree.h"
#include "tests/support/temporary_directory.h"
#include "tests/system/curl.h"
#include "tests/system/proxy.h"
#include "tests/system/upstream.h"

using namespace bearer::test;

namespace {

constexpr int kBytes = 30'000'000;

/// Answers each PUT as soon as its head is there, and leaves; a GET with 200.
struct HastyUpstream {
  explicit HastyUpstream(std::string its_status) : status(std::move(its_status)) {}

  std::string origin() const { return "http://127.0.0.1:" + std::to_string(server.port()); }

  const std::string status;
  std::atomic<int> uploads = 0;
  RawServer server{[this](RawConnection& connection) {
    const std::string head = connection.read_until("\r\n\r\n");
    const bool upload = head.starts_with("PUT");
    if (upload) ++uploads;
    connection.write(answer(upload ? status : "200 OK", "enough", "Connection: close\r\n"));
    connection.await_end();
  }};
};

/// Debian's own Python: the package is for no other.
Finished upload(const Proxy& proxy, const std::string& path) {
  return run({"/usr/bin/python3", source_tree() / "tests/system/httpx/client.py", proxy.url(path),
              std::to_string(kBytes), proxy.url("/after")});
}

}  // namespace

TEST_CASE("httpx gets the upstream's answer to an upload that it has not sent to its end") {
  const Sandbox tokens;
  for (const std::string status : {"401", "403", "413", "503"}) {
    CAPTURE(status);
    HastyUpstream upstream(status + " Early");
    const Proxy proxy(upstream.origin(), tokens, {"--max-retries", "0"});
    const Finished client = upload(proxy, "/files/7");
    CAPTURE(client.err);
    const std::string got = status + " enough\n200\n";
    CHECK(client.out == got + got);
    // A refused token has each of them sent once more, at least.
    if (status == "401") {
      CHECK(upstream.uploads.load() >= 3);
    } else {
      CHECK(upstream.uploads.load() == 2);
    }
  }
}

TEST_CASE("httpx gets the proxy's own refusal of an upload, of which the upstream sees nothing") {
  const Sandbox tokens;
  HastyUpstream upstream("200 OK");
  const Proxy proxy(upstream.origin(), tokens, {"--deny-path", "/files/"});
  const Finished client = upload(proxy, "/files/7");
  CAPTURE(client.err);
  CHECK(client.out.starts_with("403 {"));
  CHECK(says(client.out, "\n200\n403 {"));
  CHECK(client.out.ends_with("\n200\n"));
  CHECK(upstream.uploads.load() == 0);
}

TEST_CASE(
    "curl has the success that comes before its upload's end, and the API all of the upload") {
  const Sandbox tokens;
  const TemporaryDirectory folder;
  constexpr std::size_t kJobBytes = 3'000'000;
  const std::string file = folder.write("job", std::string(kJobBytes, 'j'));
  Upstream upstream;
  const Proxy proxy(upstream.origin(), tokens);
  Client client({"--http1.1", "-T", file, proxy.url("/job")});
  RawSocket served = upstream.accept();
  read_head(served);
  served.send(answer("202 Accepted", "accepted"));
  CHECK(served.read_bytes(kJobBytes).find_first_not_of('j') == std::string::npos);
  const Reply reply = client.reply();
  CHECK(reply.status == 202);
  CHECK(reply.body == "accepted");
}

TEST_CASE("httpx is told when no token can be had, before it has sent its upload") {
  HastyUpstream upstream("200 OK");
  const Proxy proxy({"--upstream", upstream.origin(), "--token-url",
                     upstream.origin() + "/no-token-there", "--client-id", "x", "--token-wait",
                     "100ms", "--max-retries", "0"});
  const Finished client = upload(proxy, "/files/7");
  CAPTURE(client.err);
  CHECK(says(client.out, "503 {"));
  CHECK(says(client.out, "credential_unavailable"));
  CHECK(upstream.uploads.load() == 0);
}
