// Upstreams and token endpoints that fail, and what mends by itself.
#include <doctest/doctest.h>

#include <chrono>

#include "tests/support/reserved_port.h"
#include "tests/support/said.h"
#include "tests/support/temporary_directory.h"
#include "tests/support/test_ca.h"
#include "tests/system/curl.h"
#include "tests/system/proxy.h"

using namespace bearer::test;
using Json = nlohmann::json;

namespace {

/// An answer of the proxy's own, as the contract has it.
void check_problem(const Reply& reply, int status, const std::string& error) {
  CAPTURE(reply.head);
  CAPTURE(reply.body);
  CHECK(reply.status == status);
  CHECK(reply.field("Content-Type") == "application/problem+json");
  const std::string proxy_status = reply.field("Proxy-Status");
  CHECK(proxy_status.starts_with("bearer-proxy; error=" + error + "; details=\""));
  const Json problem = Json::parse(reply.body);
  CHECK(problem.at("status") == status);
  CHECK(problem.at("type").get<std::string>().ends_with(error));
  CHECK_FALSE(problem.at("title").get<std::string>().empty());
  CHECK_FALSE(problem.at("detail").get<std::string>().empty());
}

Strings tls_flags(const Leaf& leaf) {
  return {"--tls-cert", leaf.cert_file, "--tls-key", leaf.key_file};
}

}  // namespace

TEST_CASE("an upstream that is down is tried again, then 502 connection_refused") {
  const Sandbox tokens;
  const ReservedPort nobody;
  Proxy proxy(nobody.origin(), tokens, {"--max-retries", "2", "--backoff-base", "1ms"});
  check_problem(curl({proxy.url("/")}), 502, "connection_refused");
  check_problem(curl({"-d", "x", proxy.url("/")}), 502, "connection_refused");
  const std::string log = proxy.end();
  CHECK(says(log, "retrying method=GET path=/ outcome=connect_refused attempt=1"));
  CHECK(says(log, "retrying method=POST path=/ outcome=connect_refused attempt=2"));
  CHECK_FALSE(says(log, "outcome=connect_refused attempt=3 wait_s"));
}

TEST_CASE("an upstream that comes up while a request is retried serves it") {
  const Sandbox tokens;
  const ReservedPort port;
  Proxy proxy(port.origin(), tokens,
              {"--max-retries", "1000", "--backoff-base", "20ms", "--backoff-max", "20ms"});
  Client client({"-d", "hello", proxy.url("/echo")});
  proxy.program().await_error("retrying");
  const Sandbox upstream({"--port", port.number()});
  const Reply reply = client.reply();
  CHECK(reply.status == 200);
  CHECK(Json::parse(reply.body).at("body_size") == 5);
}

TEST_CASE("a host that has no address is 502 dns_error") {
  const Sandbox tokens;
  // Where questions to the name server are lost, the C library is to give up soon.
  const Proxy proxy(Strings{"--upstream", "https://no-such-host.invalid", "--max-retries", "0"} +
                        credential_of(tokens),
                    kSandboxSecret + Strings{"RES_OPTIONS=timeout:1 attempts:1"});
  check_problem(curl({proxy.url("/")}), 502, "dns_error");
}

TEST_CASE("an upstream over TLS is served where its authority is trusted") {
  TestCa ca;
  const Sandbox upstream(tls_flags(ca.leaf()));
  const Proxy proxy(upstream, {"--ca-file", ca.ca_file()});
  CHECK(curl({proxy.url("/api/v2/users")}).status == 200);
  CHECK(curl({"-d", "hello", proxy.url("/echo")}).status == 200);
}

TEST_CASE("an upstream whose certificate is not trusted is 502 at once, without a retry") {
  TestCa ca;
  TestCa other;
  const Sandbox tokens;
  const Sandbox upstream(tls_flags(ca.leaf()));
  Proxy proxy(upstream.url(), tokens);
  check_problem(curl({proxy.url("/")}), 502, "tls_certificate_error");
  CHECK_FALSE(says(proxy.end(), "retrying"));
  const Proxy trusting_another(upstream.url(), tokens, {"--ca-file", other.ca_file()});
  check_problem(curl({trusting_another.url("/")}), 502, "tls_certificate_error");
}

TEST_CASE("an upstream with another's name, or out of date, is 502 at once") {
  TestCa ca;
  const Sandbox tokens;
  for (const Leaf& leaf : {ca.leaf({"DNS:api.example.com"}), ca.leaf({"IP:127.0.0.1"}, true)}) {
    const Sandbox upstream(tls_flags(leaf));
    const Proxy proxy(upstream.url(), tokens, {"--ca-file", ca.ca_file()});
    check_problem(curl({proxy.url("/")}), 502, "tls_certificate_error");
  }
}

TEST_CASE("a token endpoint that is down gives 503 with Retry-After, and heals by itself") {
  const ReservedPort port;
  const Sandbox upstream;
  Proxy proxy({"--upstream", upstream.url(), "--token-url", port.origin() + "/oauth/token",
               "--client-id", "sandbox", "--token-wait", "500ms"});
  const Reply reply = curl({proxy.url("/echo")});
  check_problem(reply, 503, "credential_unavailable");
  CHECK(std::stoi(reply.field("Retry-After")) >= 1);
  CHECK(upstream.stats()["answers"].empty());

  const Sandbox tokens({"--port", port.number()});
  proxy.program().await_error("token fetched");
  CHECK(curl({proxy.url("/echo")}).status == 200);
}

TEST_CASE("a request waits for the first token instead of failing") {
  const Sandbox sandbox({"--token-answers", "500"});
  const Proxy proxy(sandbox);
  CHECK(curl({proxy.url("/api/v2/users")}).status == 200);
}

TEST_CASE("a secret that is refused gives 502, and heals when its file changes") {
  const Sandbox sandbox;
  const TemporaryDirectory directory;
  const std::string file = directory.write("secret", "wrong\n");
  Proxy proxy(
      Strings{"--upstream", sandbox.url(), "--client-secret-file", file} + credential_of(sandbox),
      Strings{});
  check_problem(curl({proxy.url("/echo")}), 502, "credential_rejected");
  directory.write("secret", "sandbox-secret\n");
  proxy.program().await_error("token fetched");
  CHECK(curl({proxy.url("/echo")}).status == 200);
}

TEST_CASE("what is no token is never sent anywhere") {
  for (const char* answer : {"bad-token", "not-bearer", "html", "truncated"}) {
    CAPTURE(answer);
    // So many that no token comes, however late the request.
    std::string answers = answer;
    for (int i = 1; i < 10; ++i) answers += std::string(",") + answer;
    const Sandbox sandbox({"--token-answers", answers});
    Proxy proxy(sandbox, {"--token-wait", "20ms"});
    check_problem(curl({proxy.url("/echo")}), 503, "credential_unavailable");
    CHECK_FALSE(sandbox.stats()["answers"].contains("GET /echo"));
  }
}
