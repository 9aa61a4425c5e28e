// Salesforce's answer names the instance that the token is for. Its double is all of the internet:
// a company's proxy that leads every name to one server on loopback.
#include <doctest/doctest.h>

#include <algorithm>
#include <csignal>
#include <mutex>
#include <set>
#include <string>

#include "tests/support/raw_message.h"
#include "tests/support/temporary_directory.h"
#include "tests/support/tls_server.h"
#include "tests/system/curl.h"
#include "tests/system/proxy.h"

using namespace bearer::test;

namespace {

const std::string kOrg = "acme.my.salesforce.com";
const std::string kInstance = "na1.salesforce.com";
constexpr const char* kLed = "the token's answer names the route's upstream";
constexpr const char* kRefused = "names an upstream that cannot be taken";

class Internet {
 public:
  /// Token answers name this `instance_url`.
  explicit Internet(std::string instance) : instance_(std::move(instance)) {}

  Strings settings() const {
    return {"--preset",       "salesforce",
            "--region",       kOrg,
            "--client-id",    "job",
            "--ca-file",      ca_.ca_file(),
            "--egress-proxy", "http://127.0.0.1:" + std::to_string(server_.port())};
  }
  /// From now on the token endpoint fails.
  void fail_tokens() {
    const std::lock_guard lock(mutex_);
    instance_.clear();
  }
  int token_requests() const {
    const std::lock_guard lock(mutex_);
    return token_requests_;
  }
  /// The hosts and ports that connections were for.
  std::set<std::string> reached() const {
    const std::lock_guard lock(mutex_);
    return reached_;
  }

 private:
  void serve(RawConnection& connection) {
    const std::string head = connection.read_until("\r\n\r\n");
    const std::size_t target = head.find(' ') + 1;
    {
      const std::lock_guard lock(mutex_);
      reached_.insert(head.substr(target, head.find(' ', target) - target));
    }
    connection.write("HTTP/1.1 200 Connection established\r\n\r\n");
    TlsPeer peer(context_.get());
    for (;;) {
      const std::string byte = connection.read_bytes(1);
      if (byte.empty()) return;
      peer.hear(byte);
      connection.write(peer.take_output());
      std::string heard = peer.heard();
      const auto request = take_message(heard);
      if (!request) continue;
      peer.say(respond(*request));
      peer.say_end();
      connection.write(peer.take_output());
      return connection.await_end();
    }
  }

  /// The API answers with the Host that it was asked by, and with a link to the instance.
  std::string respond(const RawMessage& request) {
    const std::string close = "Connection: close\r\n";
    if (!request.start_line.starts_with("POST /services/oauth2/token ")) {
      return answer("200 OK", request.value("Host"),
                    close + "Location: https://na1.salesforce.com/next\r\n");
    }
    const std::lock_guard lock(mutex_);
    ++token_requests_;
    if (instance_.empty()) return answer("503 Service Unavailable", "", close);
    return answer(
        "200 OK",
        R"({"access_token":"00Dzz0000000abc!AQcAQx.y_z","token_type":"Bearer","instance_url":")" +
            instance_ + "\"}",
        close);
  }

  TestCa ca_;
  const SslContext context_ = tls_server_context(ca_.leaf({"DNS:" + kOrg, "DNS:" + kInstance}));
  mutable std::mutex mutex_;
  std::string instance_;
  int token_requests_ = 0;
  std::set<std::string> reached_;
  RawServer server_{[this](RawConnection& connection) { serve(connection); }};
};

int count(const std::string& text, std::string_view part) {
  int found = 0;
  for (auto at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++found;
  return found;
}

}  // namespace

TEST_CASE("salesforce: the instance that the token's answer names becomes the upstream") {
  Internet internet("https://na1.salesforce.com");
  Proxy proxy(internet.settings() + Strings{"--admin", "127.0.0.1:0"});
  const std::string line = proxy.program().await_error(kLed);
  CHECK(line.find("https://na1.salesforce.com") != std::string::npos);
  const Reply reply = curl({proxy.url("/services/data")});
  CHECK(reply.status == 200);
  CHECK(reply.body == kInstance);
  CHECK(reply.field("Location") == proxy.url("/next"));
  const auto status = nlohmann::json::parse(curl({proxy.admin_url("/status")}).body);
  CHECK(status.at("routes").at(0).at("upstream") == "https://na1.salesforce.com");
  proxy.end();
}

TEST_CASE("salesforce: a reload keeps the instance, also while no token can be had") {
  Internet internet("https://na1.salesforce.com");
  Proxy proxy(internet.settings());
  proxy.program().await_error(kLed);
  internet.fail_tokens();
  proxy.program().signal(SIGHUP);
  proxy.program().await_error("the configuration was read again");
  proxy.program().await_error("no token could be fetched");
  CHECK(curl({proxy.url("/services/data")}).body == kInstance);
  CHECK(count(proxy.end(), kLed) == 1);
}

TEST_CASE("salesforce: an answer that leads out of its domains is refused, and said once") {
  for (const std::string elsewhere :
       {"https://na1.salesforce.com.evil.example", "http://na1.salesforce.com",
        "https://job@na1.salesforce.com", "https://na1.salesforce.com/evil", "127.0.0.1"}) {
    CAPTURE(elsewhere);
    Internet internet(elsewhere);
    Proxy proxy(internet.settings());
    const std::string line = proxy.program().await_error(kRefused);
    CHECK(line.find("instance_url: ") != std::string::npos);
    CHECK(line.find("set upstream to where the API is") != std::string::npos);
    CHECK(curl({proxy.url("/services/data")}).body == kOrg);
    proxy.program().signal(SIGHUP);
    proxy.program().await_error("token fetched", 2);
    CHECK(curl({proxy.url("/services/data")}).body == kOrg);
    CHECK(count(proxy.end(), kRefused) == 1);
    CHECK(internet.reached() == std::set<std::string>{kOrg + ":443"});
  }
}

TEST_CASE("salesforce: an upstream that a person wrote stays") {
  Internet internet("https://na1.salesforce.com");
  Proxy proxy(internet.settings() + Strings{"--upstream", "https://" + kOrg});
  proxy.program().await_error("token fetched");
  CHECK(curl({proxy.url("/services/data")}).body == kOrg);
  CHECK(count(proxy.end(), kLed) == 0);
}

TEST_CASE("salesforce: exec's job is led to the instance from its first request on") {
  Internet internet("https://na1.salesforce.com");
  const Finished finished =
      run(proxy_command(Strings{"exec"} + internet.settings() +
                        Strings{"--", "sh", "-c", "curl -sS --noproxy '*' $BEARER_PROXY_URL/x"}),
          kSandboxSecret);
  CHECK(finished.status == 0);
  CHECK(finished.out == kInstance);
}

TEST_CASE("salesforce: who takes the token from a store is led to the instance, too") {
  Internet internet("https://na1.salesforce.com");
  const TemporaryDirectory directory;
  const Strings settings =
      internet.settings() + Strings{"--token-store", "file:" + directory.path("store")};
  Proxy first(settings);
  first.program().await_error(kLed);
  Proxy second(settings);
  second.program().await_error("token taken from the store");
  second.program().await_error(kLed);
  CHECK(curl({second.url("/services/data")}).body == kInstance);
  CHECK(internet.token_requests() == 1);
}

TEST_CASE("salesforce: check reaches for the instance") {
  Internet internet("https://na1.salesforce.com");
  const Finished finished =
      run(proxy_command(Strings{"check"} + internet.settings()), kSandboxSecret);
  CHECK(finished.status == 0);
  CHECK(finished.out.find("at https://na1.salesforce.com: reached, it answered 200") !=
        std::string::npos);
}
