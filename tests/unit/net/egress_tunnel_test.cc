#include "net/egress_tunnel.h"

#include <doctest/doctest.h>

#include <string>

#include "tests/support/owned_loop.h"
#include "tests/support/scripted_stream.h"

using namespace bearer;

namespace {

/// Returns what comes of a proxy that answers so: the error, or `tunnel`.
std::string outcome(const std::string& answer, test::ScriptedStream& stream,
                    const net::EgressProxy& proxy = {"p", 3128}) {
  test::OwnedLoop loop;
  net::Sleeper sleeper(loop.loop());
  stream.give(answer);
  const auto opened = loop.run(net::open_tunnel(
      stream, loop.wait(sleeper, loop.now() + std::chrono::seconds(1)), proxy, "a.example:443"));
  stream.set_waiter(nullptr);
  return opened ? "tunnel"
                : std::string(base::name(opened.error().code)) + ": " + opened.error().detail;
}

}  // namespace

TEST_CASE("a tunnel is asked for, with the proxy's credential if there is one") {
  test::ScriptedStream plain;
  CHECK(outcome("HTTP/1.1 200 Connection established\r\n\r\n", plain) == "tunnel");
  CHECK(plain.written() == "CONNECT a.example:443 HTTP/1.1\r\nHost: a.example:443\r\n\r\n");

  test::ScriptedStream known;
  CHECK(outcome("HTTP/1.0 200 OK\r\nVia: x\r\n\r\n", known,
                {"p", 3128, base::Secret("Basic dTpw")}) == "tunnel");
  CHECK(known.written() ==
        "CONNECT a.example:443 HTTP/1.1\r\nHost: a.example:443\r\n"
        "Proxy-Authorization: Basic dTpw\r\n\r\n");
}

TEST_CASE("what comes after the proxy's head is left to the target's reader") {
  test::ScriptedStream stream;
  CHECK(outcome("HTTP/1.1 200 OK\r\n\r\nhello", stream) == "tunnel");
  std::string rest(10, '\0');
  CHECK(rest.substr(0, stream.read(rest).bytes) == "hello");
}

TEST_CASE("a proxy that gives no tunnel says why") {
  struct Case {
    std::string answer;
    const char* outcome;
  };
  for (const Case& c :
       {Case{"HTTP/1.1 407 Who?\r\n\r\n", "connect_refused: it answered CONNECT with 407"},
        Case{"HTTP/1.1 503 x\r\nA: b\r\n\r\n", "connect_refused: it answered CONNECT with 503"},
        Case{"SSH-2.0-x\r\n\r\n", "connect_refused: it does not answer as HTTP"},
        Case{"220 relay", "connect_refused: it does not answer as HTTP"},  // it waits for us
        Case{"HTTP/2 200\r\n\r\n", "connect_refused: it does not answer as HTTP"},
        Case{"HTTP/1.1 abc\r\n\r\n", "connect_refused: it does not answer as HTTP"},
        Case{"HTTP/1.1 200 " + std::string(20'000, 'x'),
             "connect_refused: it does not answer as HTTP"}}) {
    test::ScriptedStream stream;
    CHECK(outcome(c.answer, stream) == c.outcome);
  }
  test::ScriptedStream ends;
  ends.then(net::Io::Status::ended);
  CHECK(outcome("HTTP/1.1 20", ends) == "connect_refused: it hung up");
}
