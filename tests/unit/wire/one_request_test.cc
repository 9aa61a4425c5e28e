#include "wire/one_request.h"

#include <doctest/doctest.h>

#include <chrono>
#include <optional>
#include <string>

#include "tests/support/owned_loop.h"
#include "tests/support/scripted_stream.h"

using namespace bearer;
using namespace std::chrono_literals;
using base::Errc;
using Status = net::Io::Status;

namespace {

struct Fixture {
  Fixture() { stream.set_waiter(&sleeper); }

  /// Asks within 5 s, for a response of at most 4 KiB.
  void begin(http::Method method = http::Method::get) {
    task = ask(method);
    task.start();
  }
  net::Task<void> ask(http::Method method) {
    wire::OneRequest asked(stream, {sleeper, owned.now() + 5s}, 4096);
    const auto sent = co_await asked.send("GET / HTTP/1.1\r\n\r\n");
    if (!sent) co_return fail(sent.error());
    http::ResponseHead head;
    const auto headed = co_await asked.read_head(head);
    if (!headed) co_return fail(headed.error());
    status = head.status;
    const auto read = co_await asked.read_body(method, head);
    if (!read) co_return fail(read.error());
    body = std::string(read->reveal());
  }
  void fail(const base::Error& error) { fault = error; }

  test::OwnedLoop owned;
  net::Sleeper sleeper{owned.loop()};
  test::ScriptedStream stream;
  std::optional<int> status;
  std::optional<std::string> body;
  std::optional<base::Error> fault;
  net::Task<void> task;
};

}  // namespace

TEST_CASE_FIXTURE(Fixture, "a response in single bytes, after interim ones, is read whole") {
  begin();
  CHECK(stream.written() == "GET / HTTP/1.1\r\n\r\n");
  for (const char byte : std::string("HTTP/1.1 102 Processing\r\n\r\nHTTP/1.1 404 No\r\n"
                                     "Transfer-Encoding: chunked\r\n\r\n2\r\nab\r\n1\r\nc\r\n0\r\n"
                                     "\r\n")) {
    CHECK_FALSE(body.has_value());
    stream.give(std::string(1, byte));
    owned.turn();
  }
  CHECK(status == 404);
  CHECK(body == "abc");
}

TEST_CASE_FIXTURE(Fixture, "a response to HEAD has no body, whatever its length says") {
  begin(http::Method::head);
  stream.give("HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\n");
  owned.turn();
  CHECK(body == "");
}

TEST_CASE_FIXTURE(Fixture, "a response that ends with its connection is whole at its end") {
  begin();
  stream.give("HTTP/1.0 200 OK\r\n\r\nall of it");
  owned.turn();
  CHECK_FALSE(body.has_value());
  stream.then(Status::ended);
  owned.turn();
  CHECK(body == "all of it");
}

TEST_CASE_FIXTURE(Fixture, "a response that is cut short is lost") {
  for (const char* part :
       {"", "HTTP/1.1 200 OK\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n1234"}) {
    CAPTURE(std::string_view(part));
    Fixture f;
    f.begin();
    f.stream.give(part);
    f.stream.then(Status::ended);
    f.owned.turn();
    REQUIRE(f.fault.has_value());
    CHECK(base::name(f.fault->code) == "connection_lost");
  }
}

TEST_CASE_FIXTURE(Fixture, "a request that is not taken is lost") {
  stream.fail_writes();
  begin();
  REQUIRE(fault.has_value());
  CHECK(base::name(fault->code) == "connection_lost");
}

TEST_CASE_FIXTURE(Fixture, "a response that came before its request was refused is read") {
  stream.fail_writes();
  stream.give("HTTP/1.1 413 Content Too Large\r\nContent-Length: 3\r\n\r\nbig");
  begin();
  CHECK(status == 413);
  CHECK(body == "big");
}

TEST_CASE_FIXTURE(Fixture, "the time is the whole's, however the bytes drip") {
  begin();
  stream.give("HTTP/1.1 200 OK\r\n");
  owned.advance(3s);
  stream.give("Content-Length: 5\r\n\r\n1");
  owned.advance(2s - 1ns);
  CHECK_FALSE(fault.has_value());
  owned.advance(1ns);
  REQUIRE(fault.has_value());
  CHECK(base::name(fault->code) == "response_timeout");
}

TEST_CASE_FIXTURE(Fixture, "what came while this process stood still is read") {
  begin();
  stream.give("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n");
  owned.let_pass(1h);
  stream.give("yes");
  owned.turn();
  CHECK(body == "yes");
}

TEST_CASE_FIXTURE(Fixture, "what is no HTTP, or more than it may be, is malformed and says why") {
  const std::string large(5000, 'x');
  for (const auto& [bytes, why] : {
           std::pair{std::string("SSH-2.0-x"), "it begins with 'SSH-2.0-x'"},
           std::pair{"HTTP/1.1 200 OK\r\nX: " + large, "larger than 4 KiB"},
           std::pair{"HTTP/1.1 200 OK\r\n\r\n" + large, "larger than 4 KiB"},
           std::pair{std::string("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"),
                     "framing"},
       }) {
    CAPTURE(why);
    Fixture f;
    f.begin();
    f.stream.give(bytes);
    f.owned.turn();
    REQUIRE(f.fault.has_value());
    CHECK(base::name(f.fault->code) == "response_malformed");
    CAPTURE(f.fault->detail);
    CHECK(f.fault->detail.find(why) != std::string::npos);
  }
}
