// Mutual TLS with a token endpoint (RFC 8705), and the certificates that cannot be used.
#include <doctest/doctest.h>
#include <httplib.h>

#include <memory>
#include <string>
#include <thread>

#include "tests/support/eventually.h"
#include "tests/support/finished.h"
#include "tests/support/patience.h"
#include "tests/support/temporary_directory.h"
#include "tests/support/test_ca.h"
#include "token/oauth/endpoint.h"

using namespace bearer;

namespace {

/// Answers only clients that show a certificate of `ca`.
class Server {
 public:
  explicit Server(test::TestCa& ca) : leaf_(ca.leaf()) {
    server_ = std::make_unique<httplib::SSLServer>(leaf_.cert_file.c_str(), leaf_.key_file.c_str(),
                                                   ca.ca_file().c_str());
    server_->Post("/token", [](const httplib::Request&, httplib::Response& response) {
      response.set_content("let in", "text/plain");
    });
    port_ = server_->bind_to_any_port("127.0.0.1");
    thread_ = std::thread([this] { server_->listen_after_bind(); });
    CHECK(test::eventually([this] { return server_->is_running(); }));
  }
  ~Server() {
    server_->stop();
    thread_.join();
  }
  int port() const { return port_; }

 private:
  test::Leaf leaf_;
  std::unique_ptr<httplib::SSLServer> server_;
  int port_ = 0;
  std::thread thread_;
};

base::Result<token::Answer> post(int port, const std::string& ca_file, const std::string& cert,
                                 const std::string& key) {
  const token::EndpointOptions options{.url = {.tls = true,
                                               .host = "localhost",
                                               .port = static_cast<std::uint16_t>(port),
                                               .path = "/token"},
                                       .ca_file = ca_file,
                                       .client_cert_file = cert,
                                       .client_key_file = key,
                                       .connect_timeout = test::kPatience,
                                       .answer_timeout = test::kPatience};
  net::Loop loop(base::system_clock());
  net::Resolver resolver;
  const token::TokenRequest request;
  return test::finished(loop, token::make_http_endpoint(options, loop, resolver)->send(request));
}

}  // namespace

TEST_CASE("a token endpoint that asks for a certificate is shown ours") {
  test::TestCa ca;
  const Server server(ca);
  const test::Leaf ours = ca.leaf({"DNS:client"});
  const auto answer = post(server.port(), ca.ca_file(), ours.cert_file, ours.key_file);
  REQUIRE(answer.has_value());
  CHECK(answer->body.reveal() == "let in");
  CHECK_FALSE(post(server.port(), ca.ca_file(), "", "").has_value());
}

TEST_CASE("a client certificate that cannot be used is named, and nothing is sent") {
  test::TestCa ca;
  const test::Leaf ours = ca.leaf({"DNS:client"}), other = ca.leaf({"DNS:other"});
  const test::Leaf expired = ca.leaf({"DNS:client"}, true);
  const test::TemporaryDirectory directory;
  const std::string missing = directory.path("missing");
  const std::string nonsense = directory.write("nonsense", "hush");
  struct Case {
    std::string cert, key, why;
  };
  for (const Case& c : {
           Case{expired.cert_file, expired.key_file,
                expired.cert_file + ": the certificate has expired"},
           Case{missing, ours.key_file, missing + ": no certificate in PEM can be read from it"},
           Case{nonsense, ours.key_file, nonsense + ": no certificate in PEM can be read from it"},
           Case{ours.cert_file, missing, missing + ": no key of " + ours.cert_file},
           Case{ours.cert_file, other.key_file, other.key_file + ": no key of " + ours.cert_file},
       }) {
    const auto answer = post(1, ca.ca_file(), c.cert, c.key);
    REQUIRE_FALSE(answer.has_value());
    CAPTURE(answer.error().detail);
    CHECK(base::name(answer.error().code) == "file_unreadable");  // its files are watched then
    CHECK(answer.error().detail.find(c.why) != std::string::npos);
    CHECK(answer.error().detail.find("hush") == std::string::npos);
    CHECK(answer.error().fix == "check client_cert and client_key");
  }
}
