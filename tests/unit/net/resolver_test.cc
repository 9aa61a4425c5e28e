#include "net/resolver.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <future>
#include <memory>
#include <string>

using namespace bearer;
using base::Errc;
using net::Resolver;
using net::SocketAddresses;

TEST_CASE("an address in figures resolves to itself") {
  const auto v4 = net::resolve("127.0.0.1", 8080);
  REQUIRE(v4.has_value());
  REQUIRE(v4->size() == 1);
  CHECK(v4->front().text() == "127.0.0.1:8080");
  const auto v6 = net::resolve("::1", 80);
  REQUIRE(v6.has_value());
  CHECK(v6->front().text() == "[::1]:80");
}

TEST_CASE("localhost resolves to loopback addresses with the port") {
  const auto addresses = net::resolve("localhost", 81);
  REQUIRE(addresses.has_value());
  REQUIRE_FALSE(addresses->empty());
  for (const net::SocketAddress& address : *addresses) {
    CAPTURE(address.text());
    CHECK((address.text() == "127.0.0.1:81" || address.text() == "[::1]:81"));
  }
}

TEST_CASE("a failed lookup gives the name and the system's words") {
  const auto addresses = net::resolve("not a name", 80);
  REQUIRE(addresses.has_error());
  CHECK(addresses.error().code == Errc::resolve_failed);
  CHECK(addresses.error().detail.find("not a name: ") == 0);
  CHECK(addresses.error().detail.size() > std::string("not a name: ").size());
}

TEST_CASE("the resolver answers each question, in order, on a thread of its own") {
  Resolver resolver([](const std::string& host, std::uint16_t port) {
    return base::Result<SocketAddresses>(
        base::Error{Errc::resolve_failed, host + std::to_string(port)});
  });
  std::promise<std::string> last;
  std::string order;
  std::thread::id where;
  for (const char* host : {"a", "b"}) {
    resolver.resolve(host, 1, [&](auto answer) {
      order += answer.error().detail;
      where = std::this_thread::get_id();
    });
  }
  resolver.resolve("c", 2, [&](auto answer) { last.set_value(answer.error().detail); });
  CHECK(last.get_future().get() == "c2");
  CHECK(order == "a1b1");
  CHECK(where != std::this_thread::get_id());
}

TEST_CASE("after the resolver's end nobody is called, not even by a lookup that was under way") {
  struct Gate {
    std::promise<void> begun, go, gone;
  };
  const auto gate = std::make_shared<Gate>();
  bool answered = false;
  {
    Resolver resolver([gate](const std::string&, std::uint16_t) {
      gate->begun.set_value();
      gate->go.get_future().wait();
      return base::Result<SocketAddresses>(SocketAddresses{});
    });
    // What the questions hold is freed once the thread is through with them.
    const auto end = std::shared_ptr<void>(nullptr, [gate](void*) { gate->gone.set_value(); });
    resolver.resolve("under way", 1, [&answered, end](auto) { answered = true; });
    resolver.resolve("queued", 1, [&answered, end](auto) { answered = true; });
    gate->begun.get_future().wait();
  }
  gate->go.set_value();
  gate->gone.get_future().wait();
  CHECK_FALSE(answered);
}
