#include <doctest/doctest.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <chrono>
#include <cstdio>
#include <ctime>
#include <memory>

#include "net/tls_context.h"
#include "net/tls_stream.h"
#include "tests/unit/net/tls_session.h"

using namespace bearer;
using net::Io;
using net::TlsContext;
using test::authority, test::client_context, test::Session;

TEST_CASE("a session is resumed by the next connection") {
  for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
    CAPTURE(version);
    const auto context = client_context();
    for (int connection = 0; connection < 3; ++connection) {
      Session session(*context, version);
      REQUIRE(session.shake() == Io::Status::ok);
      session.say("x");
      CHECK(session.read() == "x");
      CHECK(session.peer.resumed() == (connection > 0));
    }
  }
}

TEST_CASE("the end of the server's certificate is known, also of a session that was resumed") {
  std::FILE* file = std::fopen(authority().leaf.cert_file.c_str(), "r");
  REQUIRE(file);
  const std::unique_ptr<X509, decltype(&X509_free)> leaf(
      PEM_read_X509(file, nullptr, nullptr, nullptr), X509_free);
  std::fclose(file);
  const auto context = client_context();
  for (const bool resumed : {false, true}) {
    CAPTURE(resumed);
    Session session(*context);
    if (!resumed) CHECK_FALSE(session.stream->certificate_ends());
    REQUIRE(session.shake() == Io::Status::ok);
    session.say("x");
    CHECK(session.read() == "x");
    CHECK(session.peer.resumed() == resumed);
    const auto ends = session.stream->certificate_ends();
    REQUIRE(ends);
    const std::time_t seconds =
        std::chrono::duration_cast<std::chrono::seconds>(ends->time_since_epoch()).count();
    CHECK(ASN1_TIME_cmp_time_t(X509_get0_notAfter(leaf.get()), seconds) == 0);
  }
}

TEST_CASE("only the session that failed is forgotten") {
  const auto context = client_context();
  const auto connect = [&] {
    Session session(*context);
    REQUIRE(session.shake() == Io::Status::ok);
    session.say("x");
    CHECK(session.read() == "x");
    return session.peer.resumed();
  };
  connect();
  const TlsContext::Session first = context->session();
  REQUIRE(first != nullptr);
  connect();
  context->forget(first);
  CHECK(connect());
  context->forget(context->session());
  CHECK_FALSE(connect());
}
