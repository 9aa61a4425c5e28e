#include "net/dial_failure.h"

#include <doctest/doctest.h>

#include <chrono>
#include <string>

using namespace bearer;
using namespace std::chrono_literals;
using base::Errc;

TEST_CASE("every reason for no connection is a sentence with the setting to look at") {
  const net::DialedServer server{.host = "login.example.com",
                                 .authority = "login.example.com",
                                 .what = "token endpoint",
                                 .setting = "token_url",
                                 .private_ca = false,
                                 .shows_certificate = false,
                                 .by_egress_proxy = false,
                                 .connect_timeout = 1500ms};
  struct Case {
    Errc code;
    const char* says;
    const char* setting;
  };
  const Case cases[] = {
      {Errc::resolve_failed, "name login.example.com was not resolved (why)", "token_url"},
      {Errc::connect_refused, "login.example.com refused the connection (why)", "token_url"},
      {Errc::connect_unreachable, "login.example.com cannot be reached (why)", "token_url"},
      {Errc::connect_timeout, "login.example.com within 1500 ms (why)", "connect_timeout"},
      {Errc::tls_certificate_untrusted, "is not trusted (why)", "set ca_file"},
      {Errc::tls_handshake_failed, "TLS handshake", "token_url"},
      {Errc::file_unreadable, "certificates cannot be loaded (why)", "ca_file"},
      {Errc::client_certificate_unusable, "cannot be used (why)", "client_cert"},
  };
  for (const Case& c : cases) {
    CAPTURE(base::name(c.code));
    const base::Error failure = net::dial_failure(server, {c.code, "why"});
    CHECK(base::name(failure.code) == base::name(c.code));
    CHECK(failure.detail.find(c.says) != std::string::npos);
    CHECK(failure.fix.find(c.setting) != std::string::npos);
  }
}

TEST_CASE("a server that wants a certificate of ours is told apart from one without TLS") {
  net::DialedServer server{.host = "a",
                           .authority = "a",
                           .what = "token endpoint",
                           .setting = "token_url",
                           .private_ca = false,
                           .shows_certificate = false,
                           .by_egress_proxy = false,
                           .connect_timeout = 1s};
  const auto fix = [&](const char* words) {
    return net::dial_failure(server, {Errc::tls_handshake_failed, words}).fix;
  };
  CHECK(fix("sslv3 alert handshake failure").starts_with("set client_cert and client_key"));
  CHECK(net::alert_fix(server, "tlsv13 alert certificate required").starts_with("set client_cert"));
  CHECK(fix("wrong version number").find("does this port speak TLS?") != std::string::npos);
  server.shows_certificate = true;
  CHECK(fix("tlsv1 alert unknown ca").starts_with("check client_cert"));
}

TEST_CASE("what the connection itself knows to do comes before what the settings suggest") {
  const net::DialedServer server{
      .host = "b", .authority = "b:8443", .what = "upstream", .setting = "upstream"};
  const base::Error failure =
      net::dial_failure(server, {Errc::tls_certificate_untrusted, "old", "renew it"});
  CHECK(failure.sentence() ==
        "the certificate of the upstream b:8443 is not trusted (old): renew it");
}

TEST_CASE("a client that left while its server was dialed is told as it was") {
  const base::Error failure = net::dial_failure({}, {Errc::client_left, ""});
  CHECK(failure.code == Errc::client_left);
  CHECK(failure.sentence().empty());
}
