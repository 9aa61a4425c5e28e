// Upstreams over TLS that want to see a certificate of ours.
#include <doctest/doctest.h>
#include <openssl/ssl.h>

#include <array>
#include <string>

#include "tests/integration/relay/stage.h"
#include "tests/support/raw_server.h"
#include "tests/support/test_ca.h"
#include "tests/support/tls_server.h"

using namespace bearer;
using namespace bearer::test;
using namespace std::chrono_literals;

namespace {

/// Answers only clients that show a certificate of `ca`.
class Upstream {
 public:
  Upstream(TestCa& ca, int version) : context_(tls_server_context(ca.leaf(), version)) {
    constexpr int kDemanded = SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT;
    SSL_CTX_set_verify(context_.get(), kDemanded, nullptr);
    REQUIRE(SSL_CTX_load_verify_locations(context_.get(), ca.ca_file().c_str(), nullptr) == 1);
  }

  std::uint16_t port() const { return server_.port(); }
  int connections() const { return server_.connections(); }

 private:
  void serve(RawConnection& connection) {
    const Ssl ssl(SSL_new(context_.get()), SSL_free);
    SSL_set_fd(ssl.get(), connection.fd());
    if (SSL_accept(ssl.get()) != 1) return;
    std::array<char, 4096> request;
    if (SSL_read(ssl.get(), request.data(), request.size()) <= 0) return;
    const std::string response = answer("200 OK", "let in", "Connection: close\r\n");
    SSL_write(ssl.get(), response.data(), static_cast<int>(response.size()));
    SSL_shutdown(ssl.get());
  }

  SslContext context_;
  RawServer server_{[this](RawConnection& connection) { serve(connection); }};
};

Stage::Adjust leading_to(const Upstream& upstream, const TestCa& ca, const Leaf& shown = {}) {
  return [&, shown](Stage::Settings& settings) {
    relay::RouteOptions& route = settings.route();
    route.upstream = {true, "127.0.0.1", upstream.port(), ""};
    route.ca_file = ca.ca_file();
    route.client_cert_file = shown.cert_file;
    route.client_key_file = shown.key_file;
    route.retry.max_retries = 2;
    route.retry.backoff_base = 0s;
  };
}

}  // namespace

TEST_CASE(
    "an upstream that misses our certificate is a fault of TLS, with the settings to look at") {
  TestCa ca, other;
  for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
    for (const bool shows : {false, true}) {
      CAPTURE(version);
      CAPTURE(shows);
      const Upstream upstream(ca, version);
      Stage stage(leading_to(upstream, ca, shows ? other.leaf({"DNS:client"}) : Leaf{}));
      RawSocket client = stage.client();
      for (const std::string& request : {get(), post("order")}) {
        const int before = upstream.connections();
        const RawMessage refused = ask(client, request);
        CHECK(refused.status() == 502);
        CHECK(refused.value("Proxy-Status").find("error=tls_protocol_error") != std::string::npos);
        const char* fix = shows ? "check client_cert" : "set client_cert and client_key";
        CHECK(refused.body.find(fix) != std::string::npos);
        CHECK(upstream.connections() - before == 3);  // nothing was carried out
      }
    }
  }
}

TEST_CASE("an upstream that wants our certificate is shown it") {
  TestCa ca;
  for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
    CAPTURE(version);
    const Upstream upstream(ca, version);
    Stage stage(leading_to(upstream, ca, ca.leaf({"DNS:client"})));
    RawSocket client = stage.client();
    CHECK(ask(client, post("order")).body == "let in");
    CHECK(stage.seen.attempts() == 1);
  }
}
