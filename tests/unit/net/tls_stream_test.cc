#include "net/tls_stream.h"

#include <doctest/doctest.h>
#include <openssl/x509.h>

#include <array>
#include <chrono>
#include <memory>
#include <string>
#include <utility>

#include "net/outbox.h"
#include "net/tls_context.h"
#include "tests/support/no_descriptors.h"
#include "tests/support/scoped_environment.h"
#include "tests/support/scripted_stream.h"
#include "tests/support/temporary_directory.h"
#include "tests/support/tls_server.h"
#include "tests/unit/net/tls_session.h"

using namespace bearer;
using base::Errc;
using net::Io;
using net::TlsContext;
using net::TlsStream;
using test::authority, test::client_context, test::Session;
using test::ScriptedStream;

TEST_CASE("hands are shaken and bytes go both ways, in TLS 1.2 and 1.3") {
  for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
    CAPTURE(version);
    const auto context = client_context();
    Session session(*context, version);
    REQUIRE(session.shake() == Io::Status::ok);
    const std::array parts{net::part("GET "), net::part("/"), net::part(" HTTP/1.1\r\n")};
    const Io written = session.stream->write(parts);
    CHECK(written.ok());
    CHECK(written.bytes == 16);
    session.carry();
    CHECK(session.peer.heard() == "GET / HTTP/1.1\r\n");
    CHECK(session.read() == "-blocked");
    session.say("hello");
    CHECK(session.read(2) == "he");
    CHECK(session.read() == "llo");
    CHECK(session.read() == "-blocked");
  }
}

TEST_CASE("a connection may outlive its context, and tickets that come then are nobody's") {
  auto context = client_context();
  Session session(*context);
  REQUIRE(session.shake() == Io::Status::ok);
  session.carry();  // the tickets of TLS 1.3 follow the handshake
  context.reset();
  session.say("hello");
  CHECK(session.read() == "hello");
}

TEST_CASE("small parts travel in one record") {
  const auto context = client_context();
  Session session(*context);
  REQUIRE(session.shake() == Io::Status::ok);
  session.wire->take_written();
  const std::array parts{net::part("a"), net::part("b"), net::part("c")};
  REQUIRE(session.stream->write(parts).bytes == 3);
  // Header, three bytes, their type, the tag (RFC 8446 section 5.2).
  CHECK(session.wire->written().size() == 5 + 3 + 1 + 16);
}

TEST_CASE("a read takes all the records that have come") {
  const auto context = client_context();
  Session session(*context);
  REQUIRE(session.shake() == Io::Status::ok);
  for (const char* text : {"one ", "two ", "three"}) session.say(text);
  CHECK(session.read() == "one two three");
}

TEST_CASE("an end that was said is an end, after the bytes before it") {
  const auto context = client_context();
  Session session(*context);
  REQUIRE(session.shake() == Io::Status::ok);
  session.say("last");
  session.peer.say_end();
  session.carry();
  session.wire->then(ScriptedStream::Status::ended);
  CHECK(session.read() == "last");
  CHECK(session.read() == "-ended");
}

TEST_CASE("an end without close_notify is a failure: what came may not be whole") {
  const auto context = client_context();
  Session session(*context);
  REQUIRE(session.shake() == Io::Status::ok);
  session.say("half");
  session.wire->then(ScriptedStream::Status::ended);
  CHECK(session.read() == "half");
  CHECK(session.read() == "-failed");
}

TEST_CASE(
    "where bytes tell their own end, one without close_notify is an end, a torn one is none") {
  const auto context = client_context();
  Session session(*context);
  REQUIRE(session.shake() == Io::Status::ok);
  session.stream->expect_end();
  session.say("bye");
  CHECK(session.read() == "bye");
  CHECK(session.read() == "-blocked");
  SUBCASE("between two records") {
    session.wire->then(ScriptedStream::Status::ended);
    CHECK(session.read() == "-ended");
    CHECK(session.read() == "-ended");
  }
  SUBCASE("behind the last one") {
    session.say("last");
    session.wire->then(ScriptedStream::Status::ended);
    CHECK(session.read() == "last");
    CHECK(session.read() == "-ended");
  }
  SUBCASE("in a record's head") {
    session.wire->give("\x17\x03\x03");
    session.wire->then(ScriptedStream::Status::ended);
    CHECK(session.read() == "-failed");
  }
  SUBCASE("in a record's content") {
    session.wire->give(std::string("\x17\x03\x03\x00\x40", 5) + "half of it");
    session.wire->then(ScriptedStream::Status::ended);
    CHECK(session.read() == "-failed");
  }
  SUBCASE("broken") {
    session.wire->then(ScriptedStream::Status::failed);
    CHECK(session.read() == "-failed");
  }
}

TEST_CASE("a broken connection and a forged record are failures") {
  const auto context = client_context();
  SUBCASE("broken") {
    Session session(*context);
    REQUIRE(session.shake() == Io::Status::ok);
    session.read();
    session.wire->then(ScriptedStream::Status::failed);
    CHECK(session.read() == "-failed");
  }
  SUBCASE("forged") {
    Session session(*context);
    REQUIRE(session.shake() == Io::Status::ok);
    session.peer.say("bytes");
    std::string record = session.peer.take_output();
    record.back() = static_cast<char>(record.back() ^ 1);
    session.wire->give(record);
    CHECK(session.read() == "-failed");
  }
  SUBCASE("broken for writing") {
    Session session(*context);
    REQUIRE(session.shake() == Io::Status::ok);
    session.wire->fail_writes();
    const std::array parts{net::part("x")};
    CHECK(session.stream->write(parts).status == Io::Status::failed);
  }
}

TEST_CASE("a wire that blocks anywhere loses and doubles nothing") {
  const auto context = client_context();
  const std::string head(300, 'h'), body(40'000, 'b');
  for (const std::size_t room : {0u, 1u, 5u, 321u, 322u, 1000u, 16'000u, 30'000u}) {
    CAPTURE(room);
    Session session(*context);
    REQUIRE(session.shake() == Io::Status::ok);
    session.wire->take_only(room);
    net::Outbox outbox;
    const std::array parts{net::part(head), net::part("\r\n"), net::part(body)};
    REQUIRE(outbox.write(*session.stream, parts));
    REQUIRE_FALSE(outbox.empty());
    for (int round = 0; !outbox.empty() && round < 1000; ++round) {
      session.wire->take_only(777);
      REQUIRE(outbox.flush(*session.stream));
    }
    CHECK(outbox.sent() == head.size() + 2 + body.size());
    session.carry();
    CHECK(session.peer.heard() == head + "\r\n" + body);
  }
}

TEST_CASE("a write that is taken in part says so, and blocks once nothing is taken") {
  const auto context = client_context();
  Session session(*context);
  REQUIRE(session.shake() == Io::Status::ok);
  session.wire->take_only(30'000);
  const std::string whole(100'000, 'x');
  const std::array all{net::part(whole)};
  const Io part = session.stream->write(all);
  CHECK(part.ok());
  REQUIRE(part.bytes > 0);
  REQUIRE(part.bytes < whole.size());
  const std::array rest{net::part(std::string_view(whole).substr(part.bytes))};
  const Io none = session.stream->write(rest);
  CHECK(none.blocked());
  CHECK(none.bytes == 0);
}

TEST_CASE("a handshake that blocks anywhere goes on from there") {
  const auto context = client_context();
  Session session(*context);
  for (int step = 0; step < 2000 && session.stream->shake() == Io::Status::blocked; ++step) {
    session.wire->take_only(100);
    session.carry();
  }
  session.wire->take_only(ScriptedStream::kUnlimited);
  CHECK(session.stream->shake() == Io::Status::ok);
  session.carry();
  CHECK(session.peer.shaken());
}

TEST_CASE("whom we do not trust is told apart from what we do not understand") {
  SUBCASE("another authority") {
    const test::TestCa stranger;
    const auto context =
        std::move(*TlsContext::make({.ca_file = stranger.ca_file(), .server_name = "localhost"}));
    Session session(*context);
    REQUIRE(session.shake() == Io::Status::failed);
    CHECK(session.stream->handshake_error().code == Errc::tls_certificate_untrusted);
    CHECK_FALSE(session.peer.shaken());
  }
  SUBCASE("an authority that cannot be looked up for want of a descriptor") {
    const test::TemporaryDirectory directory;
    const test::ScopedEnvironment file("SSL_CERT_FILE", directory.path("none"));
    const test::ScopedEnvironment folder("SSL_CERT_DIR", directory.path(""));
    const auto context = std::move(*TlsContext::make({.ca_file = "", .server_name = "localhost"}));
    const auto verdict = [&] {
      Session session(*context);
      REQUIRE(session.shake() == Io::Status::failed);
      return session.stream->handshake_error().code;
    };
    CHECK(verdict() == Errc::tls_certificate_untrusted);
    {
      const test::NoDescriptors none;
      CHECK(verdict() == Errc::descriptors_used_up);
    }
    CHECK(verdict() == Errc::tls_certificate_untrusted);
  }
  SUBCASE("another name") {
    for (const char* name : {"api.example.com", "127.0.0.2"}) {
      const auto context = client_context(name);
      Session session(*context);
      REQUIRE(session.shake() == Io::Status::failed);
      const base::Error error = session.stream->handshake_error();
      CHECK(error.code == Errc::tls_certificate_untrusted);
      CAPTURE(error.sentence());
      CHECK(error.detail.find("mismatch: its subjectAltName names localhost") != std::string::npos);
      CHECK(error.fix.find("name the host as the certificate does") != std::string::npos);
    }
  }
  SUBCASE("not TLS") {
    const auto context = client_context();
    Session session(*context);
    session.wire->give("HTTP/1.1 400 Bad Request\r\n\r\n");
    REQUIRE(session.shake() == Io::Status::failed);
    CHECK(session.stream->handshake_error().code == Errc::tls_handshake_failed);
    CHECK_FALSE(session.stream->handshake_error().detail.empty());
  }
  SUBCASE("nobody there any more") {
    const auto context = client_context();
    for (const auto end : {ScriptedStream::Status::ended, ScriptedStream::Status::failed}) {
      Session session(*context);
      session.wire->then(end);
      REQUIRE(session.shake() == Io::Status::failed);
      CHECK(session.stream->handshake_error().code == Errc::tls_handshake_failed);
      CHECK(session.stream->handshake_error().detail == "the server hung up");
    }
  }
}

TEST_CASE("a certificate for an address is verified by address") {
  for (const char* name : {"127.0.0.1", "::1"}) {
    CAPTURE(name);
    const auto context = client_context(name);
    Session session(*context);
    CHECK(session.shake() == Io::Status::ok);
  }
}

TEST_CASE("a session ticket is no byte of a response") {
  const auto context = client_context();
  Session session(*context);
  REQUIRE(session.shake() == Io::Status::ok);
  session.carry();
  CHECK_FALSE(session.wire->quiet(false));  // the ticket lies there
  CHECK(session.stream->quiet(false));
  session.say("x");
  CHECK_FALSE(session.stream->quiet(false));
  CHECK(session.read() == "x");  // asking took nothing
  CHECK(session.stream->quiet(true));
  CHECK(session.wire->asked_kernel());
}

TEST_CASE("a connection that ended, said or unsaid, is not quiet") {
  const auto context = client_context();
  for (const bool said : {true, false}) {
    CAPTURE(said);
    Session session(*context);
    REQUIRE(session.shake() == Io::Status::ok);
    session.read();
    REQUIRE(session.stream->quiet(false));
    if (said) session.peer.say_end();
    session.carry();
    session.wire->then(ScriptedStream::Status::ended);
    CHECK_FALSE(session.stream->quiet(false));
    CHECK(session.stream->peer_closed());
  }
}

TEST_CASE("shut and the stream's end say close_notify") {
  const auto context = client_context();
  Session session(*context);
  REQUIRE(session.shake() == Io::Status::ok);
  session.carry();
  session.stream->shut();
  CHECK(session.wire->shut_down());
  session.carry();
  CHECK(session.peer.heard_end());
  session.say("still here");
  CHECK(session.read() == "still here");
}
