// Tokens that are bound to a key (RFC 9449): the real program between an unchanged client and a
// server that takes nothing without a proof, and judges it by means of its own.
#include <doctest/doctest.h>

#include <nlohmann/json.hpp>
#include <string>

#include "tests/support/temporary_directory.h"
#include "tests/support/test_keys.h"
#include "tests/system/curl.h"
#include "tests/system/proxy.h"

using namespace bearer;
using namespace bearer::test;

namespace {

/// The nonce stays as it is: no proof is so long on its way that it comes with an old one.
const Strings kDemanding = {"--dpop", "--dpop-nonce-life", "1h"};

nlohmann::json proofs(const Sandbox& sandbox) {
  return sandbox.stats().at("dpop");
}

Strings command(const std::string& verb, const Sandbox& sandbox, const Strings& more) {
  return proxy_command(Strings{verb} + credential_of(sandbox) + more);
}

int count(const std::string& text, const std::string& line) {
  int found = 0;
  for (std::size_t at = 0; (at = text.find(line, at)) != std::string::npos; ++at) ++found;
  return found;
}

}  // namespace

TEST_CASE("thousands of requests with bodies pass a nonce that changes, and no proof comes twice") {
  // 34 rounds of the latency are more than two lives: what was the nonce at first is of no use at
  // the end, and a proof may be a whole life on its way.
  const Sandbox sandbox({"--dpop", "--dpop-nonce-life", "5s", "--latency", "310ms"});
  const Proxy proxy(sandbox, {"--dpop", "--threads", "2"});
  constexpr int kRequests = 2000;
  const Finished finished =
      run({"curl", "--disable", "--noproxy", "*", "--silent", "--no-progress-meter", "--max-time",
           kCurlPatience, "--parallel", "--parallel-max", "60", "--data-binary", "{\"order\":1}",
           "--output", "/dev/null", "--write-out", "%{http_code}\n",
           proxy.url("/api/v2/whoami?id=[1-" + std::to_string(kRequests) + "]")});
  CHECK(finished.err == "");
  CHECK(count(finished.out, "200\n") == kRequests);
  const nlohmann::json seen = proofs(sandbox);
  CAPTURE(seen.dump());
  CHECK(seen.at("good") == kRequests + 1);  // and the token request's
  CHECK(seen.at("without_nonce") >= 2);
  CHECK(seen.at("twice") == 0);
  CHECK(seen.at("bad") == 0);
  CHECK(sandbox.stats().at("tokens").at("issued") == 1);
}

TEST_CASE("a key of either kind is taken from its file, and each revoked token is replaced") {
  const TemporaryDirectory directory;
  for (const Key& key : {ec_key(), ed25519_key()}) {
    const std::string file = directory.write("key.pem", private_pem(key.get()));
    const Sandbox sandbox(kDemanding);
    const Proxy proxy(sandbox, {"--dpop", "--dpop-key-file", file});
    for (int i = 0; i < 3; ++i) {
      const Reply reply = curl({"--data", "x=" + std::to_string(i), "--header", "DPoP: mine",
                                proxy.url("/api/v2/whoami?id=z")});
      CHECK(reply.status == 200);
      sandbox.revoke();
    }
    CHECK(sandbox.stats().at("tokens").at("issued") == 3);
    CHECK(proofs(sandbox).at("twice") == 0);
    CHECK(proofs(sandbox).at("bad") == 0);
  }
}

TEST_CASE("a body that is not kept is not sent again for a nonce") {
  const Sandbox sandbox(kDemanding);
  const Proxy proxy(sandbox, {"--dpop", "--replay-max", "4"});
  const Reply refused = curl({"--data", "12345", proxy.url("/api/v2/whoami?id=z")});
  CHECK(refused.status == 401);
  CHECK(refused.field("WWW-Authenticate").find("use_dpop_nonce") != std::string::npos);
  CHECK(curl({"--data", "12345", proxy.url("/api/v2/whoami?id=z")}).status == 200);
  CHECK(sandbox.stats().at("tokens").at("issued") == 1);
}

TEST_CASE("check tells which key the token is bound to, and that the API wanted a nonce") {
  const TemporaryDirectory directory;
  const std::string file = directory.write("key.pem", private_pem(ed25519_key().get()));
  const Sandbox sandbox(kDemanding);
  const Finished checked =
      run(command("check", sandbox,
                  {"--upstream", sandbox.url("/api/v2/users"), "--dpop", "--dpop-key-file", file}),
          kSandboxSecret);
  CAPTURE(checked.out);
  CHECK(checked.status == 0);
  CHECK(checked.out.find("bound by DPoP to the EdDSA key ") != std::string::npos);
  CHECK(checked.out.find("it answered 200 to a DPoP proof with its nonce") != std::string::npos);
}

TEST_CASE("without dpop a server that wants it is told apart, and a setting is named") {
  const Sandbox sandbox(kDemanding);
  const Finished refused = run(command("token", sandbox, {}), kSandboxSecret);
  CHECK(refused.status == 3);
  CHECK(refused.err.find("invalid_dpop_proof") != std::string::npos);
  CHECK(refused.err.find("--dpop") != std::string::npos);
}

TEST_CASE("a server that binds nothing is refused where the token was to be bound") {
  const Sandbox sandbox;
  const Finished refused = run(command("token", sandbox, {"--dpop"}), kSandboxSecret);
  CHECK(refused.status == 3);
  CHECK(refused.err.find("did not bind the token") != std::string::npos);
}

TEST_CASE("a key file of another kind ends the start with one clear error") {
  const TemporaryDirectory directory;
  const std::string file = directory.write("key.pem", private_pem(rsa_key().get()));
  const Sandbox sandbox(kDemanding);
  const Finished refused =
      run(command("token", sandbox, {"--dpop", "--dpop-key-file", file}), kSandboxSecret);
  CHECK(refused.status == 2);
  CHECK(count(refused.err, "dpop_key_file " + file) == 1);
  CHECK(refused.err.find("P-256") != std::string::npos);
}

TEST_CASE("a shared store shares a token among those who hold its key, and with nobody else") {
  const TemporaryDirectory directory;
  const std::string mine = directory.write("mine.pem", private_pem(ec_key().get()));
  const std::string other = directory.write("other.pem", private_pem(ec_key().get()));
  const std::string store = "file:" + directory.path("tokens");
  const Sandbox sandbox(kDemanding);
  const auto issued = [&] { return sandbox.stats().at("tokens").at("issued").get<int>(); };
  for (const auto& [key, tokens] : {std::pair{mine, 1}, {mine, 1}, {other, 2}, {mine, 2}}) {
    const Proxy proxy(sandbox, {"--dpop", "--dpop-key-file", key, "--token-store", store});
    CHECK(curl({proxy.url("/api/v2/whoami?id=z")}).status == 200);
    CHECK(issued() == tokens);
  }
  const Finished refused =
      run(command("token", sandbox, {"--dpop", "--token-store", store}), kSandboxSecret);
  CHECK(refused.status == 2);
  CHECK(refused.err.find("--dpop-key-file") != std::string::npos);
}
