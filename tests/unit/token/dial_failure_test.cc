#include "token/dial_failure.h"

#include <doctest/doctest.h>

#include <chrono>
#include <string>

using namespace bearer;
using namespace std::chrono_literals;
using base::Errc;

TEST_CASE("every reason for no connection is a sentence with the setting to look at") {
  const token::DialedServer server{
      .url = {.tls = true, .host = "login.example.com", .port = 443, .path = "/token"},
      .what = "token endpoint",
      .setting = "token_url",
      .private_ca = false,
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
  };
  for (const Case& c : cases) {
    CAPTURE(base::name(c.code));
    const base::Error failure = token::dial_failure(server, {c.code, "why"});
    CHECK(base::name(failure.code) == base::name(Errc::token_unreachable));
    CHECK(failure.detail.find(c.says) != std::string::npos);
    CHECK(failure.fix.find(c.setting) != std::string::npos);
  }
}
