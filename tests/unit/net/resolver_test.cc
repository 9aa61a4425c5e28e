#include "net/resolver.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <condition_variable>
#include <future>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

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

TEST_CASE("localhost and names under it are loopback's addresses, whatever a resolver would say") {
  for (const char* name : {"localhost", "LocalHost", "localhost.", "api.localhost",
                           "no-such-name.a.b.LOCALHOST", "x.localhost."}) {
    CAPTURE(name);
    const auto addresses = net::resolve(name, 81);
    REQUIRE(addresses.has_value());
    REQUIRE(addresses->size() == 2);
    CHECK(addresses->at(0).text() == "[::1]:81");
    CHECK(addresses->at(1).text() == "127.0.0.1:81");
  }
}

TEST_CASE("a name that only looks like localhost is asked for") {
  const std::string longer(64, 'x');  // than a label may be: nobody's name server is asked
  for (const std::string& name :
       {std::string("my localhost"), std::string(".localhost"), std::string("local host"),
        "localhost." + longer, longer + "localhost"}) {
    CAPTURE(name);
    CHECK(net::resolve(name, 81).has_error());
  }
}

TEST_CASE("a failed lookup gives the name and the system's words") {
  const auto addresses = net::resolve("not a name", 80);
  REQUIRE(addresses.has_error());
  CHECK(addresses.error().code == Errc::resolve_failed);
  CHECK(addresses.error().detail.find("not a name: ") == 0);
  CHECK(addresses.error().detail.size() > std::string("not a name: ").size());
}

TEST_CASE("the resolver answers each question on a thread of its own") {
  Resolver resolver([](const std::string& host, std::uint16_t port) {
    return base::Result<SocketAddresses>(
        base::Error{Errc::resolve_failed, host + std::to_string(port)});
  });
  for (const char* host : {"a", "b", "a"}) {
    std::promise<std::pair<std::string, std::thread::id>> answered;
    resolver.resolve(host, 1, [&](auto answer) {
      answered.set_value({answer.error().detail, std::this_thread::get_id()});
    });
    const auto [detail, where] = answered.get_future().get();
    CHECK(detail == std::string(host) + "1");
    CHECK(where != std::this_thread::get_id());
  }
}

namespace {

/// Lookups that hang until they are let go, and what is known of them.
struct Gate {
  base::Result<SocketAddresses> look_up(const std::string& host) {
    if (!host.starts_with("hung")) return SocketAddresses{};
    std::unique_lock lock(mutex);
    ++begun;
    most = std::max(most, ++under_way);
    changed.notify_all();
    changed.wait(lock, [&] { return open; });
    --under_way;
    return SocketAddresses{};
  }
  void await_begun(int count) {
    std::unique_lock lock(mutex);
    changed.wait(lock, [&] { return begun >= count; });
  }
  void let_go() {
    const std::lock_guard lock(mutex);
    open = true;
    changed.notify_all();
  }

  std::mutex mutex;
  std::condition_variable changed;
  bool open = false;
  int begun = 0, under_way = 0, most = 0;
};

}  // namespace

TEST_CASE("a name that hangs does not delay another") {
  const auto gate = std::make_shared<Gate>();
  Resolver resolver([gate](const std::string& host, std::uint16_t) { return gate->look_up(host); });
  std::promise<void> hung, quick;
  resolver.resolve("hung", 1, [&](auto) { hung.set_value(); });
  gate->await_begun(1);
  resolver.resolve("quick", 1, [&](auto) { quick.set_value(); });
  quick.get_future().wait();
  gate->let_go();
  hung.get_future().wait();
}

TEST_CASE("one lookup answers all who ask for the name meanwhile, and the next one is fresh") {
  const auto gate = std::make_shared<Gate>();
  Resolver resolver([gate](const std::string& host, std::uint16_t) { return gate->look_up(host); });
  std::promise<void> first, second, other_port, later;
  resolver.resolve("hung", 1, [&](auto) { first.set_value(); });
  gate->await_begun(1);
  resolver.resolve("hung", 1, [&](auto) { second.set_value(); });
  resolver.resolve("hung", 2, [&](auto) { other_port.set_value(); });
  gate->await_begun(2);
  gate->let_go();
  for (std::promise<void>* answered : {&first, &second, &other_port}) {
    answered->get_future().wait();
  }
  CHECK(gate->begun == 2);
  resolver.resolve("hung", 1, [&](auto) { later.set_value(); });
  later.get_future().wait();
  CHECK(gate->begun == 3);
}

TEST_CASE("four lookups are under way at once at most, and the rest wait for one of them") {
  const auto gate = std::make_shared<Gate>();
  Resolver resolver([gate](const std::string& host, std::uint16_t) { return gate->look_up(host); });
  constexpr int kNames = 12;
  std::vector<std::promise<void>> answered(kNames);
  for (std::size_t i = 0; i < kNames; ++i) {
    resolver.resolve("hung" + std::to_string(i), 1, [&, i](auto) { answered[i].set_value(); });
  }
  gate->await_begun(4);
  gate->let_go();
  for (std::promise<void>& promise : answered) promise.get_future().wait();
  CHECK(gate->begun == kNames);
  CHECK(gate->most <= 4);
}

TEST_CASE("after the resolver's end nobody is called, not even by a lookup that was under way") {
  struct Steps {
    std::promise<void> begun, go, gone;
  };
  const auto gate = std::make_shared<Steps>();
  bool answered = false;
  {
    // Freed once the thread is through with it.
    auto end = std::shared_ptr<void>(nullptr, [gate](void*) { gate->gone.set_value(); });
    Resolver resolver([gate, end = std::move(end)](const std::string&, std::uint16_t) {
      gate->begun.set_value();
      gate->go.get_future().wait();
      return base::Result<SocketAddresses>(SocketAddresses{});
    });
    resolver.resolve("under way", 1, [&answered](auto) { answered = true; });
    resolver.resolve("under way", 1, [&answered](auto) { answered = true; });
    gate->begun.get_future().wait();
  }
  gate->go.set_value();
  gate->gone.get_future().wait();
  CHECK_FALSE(answered);
}

TEST_CASE("an address is answered at once, without a thread") {
  Resolver resolver;
  for (const char* host : {"127.0.0.7", "::1"}) {
    CAPTURE(host);
    bool answered = false;
    resolver.resolve(host, 82, [&](auto answer) { answered = answer.has_value(); });
    CHECK(answered);
  }
}

TEST_CASE("where no thread can be made, the lookup has failed") {
  pthread_attr_t before;
  REQUIRE(pthread_getattr_default_np(&before) == 0);
  pthread_attr_t vast = before;
  REQUIRE(pthread_attr_setstacksize(&vast, std::size_t{1} << 47) == 0);  // no address space has it
  Resolver resolver;
  std::string why;
  REQUIRE(pthread_setattr_default_np(&vast) == 0);
  resolver.resolve("localhost", 1, [&](auto answer) { why = answer.error().detail; });
  REQUIRE(pthread_setattr_default_np(&before) == 0);
  CHECK(why.find("localhost: no thread for the lookup") == 0);
  std::promise<bool> later;
  resolver.resolve("localhost", 1, [&](auto answer) { later.set_value(answer.has_value()); });
  CHECK(later.get_future().get());
}
