// A token endpoint that is discovered: the real program and the documents of an issuer.
#include <doctest/doctest.h>

#include <atomic>
#include <nlohmann/json.hpp>
#include <string>

#include "tests/support/message_server.h"
#include "tests/support/raw_message.h"
#include "tests/system/proxy.h"

using namespace bearer::test;

namespace {

/// An issuer on loopback, and its token endpoint. Its document says that it is `said`, or the
/// truth. It is asked for in vain `faults` times.
class Issuer {
 public:
  explicit Issuer(std::string said = {}, int faults = 0)
      : faults_left_(faults), said_(std::move(said)) {}

  std::string url() const { return "http://127.0.0.1:" + std::to_string(server_.port()); }
  /// Counts the requests to its token endpoint.
  int token_requests() const { return token_requests_; }

 private:
  std::string respond(const RawMessage& request) {
    if (request.start_line.starts_with("POST /token ")) {
      ++token_requests_;
      return answer("200 OK", R"({"access_token":"tok","expires_in":60})");
    }
    if (!request.start_line.starts_with("GET /.well-known/openid-configuration ")) {
      return answer("404 Not Found");
    }
    if (faults_left_-- > 0) return answer("503 Service Unavailable");
    const nlohmann::json document = {{"issuer", said_.empty() ? url() : said_},
                                     {"token_endpoint", url() + "/token"}};
    return answer("200 OK", document.dump());
  }

  std::atomic<int> token_requests_ = 0;
  std::atomic<int> faults_left_;
  const std::string said_;
  MessageServer server_{[this](const RawMessage& request) { return respond(request); }};
};

Finished ask_token(const Issuer& issuer) {
  return run(proxy_command({"token", "--issuer", issuer.url(), "--client-id", "job"}),
             kSandboxSecret);
}

}  // namespace

TEST_CASE("the token endpoint that an issuer's document names is asked") {
  const Issuer issuer;
  const Finished finished = ask_token(issuer);
  CHECK(finished.err == "");
  CHECK(finished.out == "tok\n");
  CHECK(issuer.token_requests() == 1);
}

TEST_CASE("token waits for an issuer that cannot give its document yet") {
  const Issuer issuer({}, 1);
  const Finished finished = ask_token(issuer);
  CHECK(finished.err == "");
  CHECK(finished.out == "tok\n");
}

TEST_CASE("a document that is another issuer's is refused, and no secret leaves the machine") {
  const Issuer issuer("https://login.foreign.example");
  const Finished finished = ask_token(issuer);
  CHECK(finished.status == 3);
  CHECK(finished.out == "");
  CHECK(finished.err ==
        "bearer-proxy: no token for credential default: the metadata document of the issuer " +
            issuer.url() +
            " is another issuer's: \"https://login.foreign.example\": check issuer, or set "
            "token_url\n");
  CHECK(issuer.token_requests() == 0);
}

TEST_CASE("a proxy whose issuer's document is foreign serves, and says why there is no token") {
  const Issuer issuer("https://login.foreign.example");
  Proxy proxy(
      {"--upstream", "https://api.invalid", "--issuer", issuer.url(), "--client-id", "job"});
  const std::string line = proxy.program().await_error("no token could be fetched");
  CHECK(line.find("is another issuer's") != std::string::npos);
  CHECK(line.find("check issuer, or set token_url") != std::string::npos);
  const std::string log = proxy.end();
  CHECK(log.find("sandbox-secret") == std::string::npos);
  CHECK(issuer.token_requests() == 0);
}
