// The requests of all loops, asked for from outside of them.
#include <doctest/doctest.h>

#include <chrono>
#include <future>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "tests/integration/relay/stage.h"
#include "tests/support/raw_message.h"

using namespace bearer;
using namespace std::chrono_literals;
using relay::RequestFilter;
using relay::RequestRecord;
using test::answer;
using test::get;
using test::RawSocket;
using test::Stage;

namespace {

std::vector<RequestRecord> requests(Stage& stage, const RequestFilter& filter = {}) {
  std::promise<std::vector<RequestRecord>> told;
  stage.service().requests(filter,
                           [&](std::vector<RequestRecord> all) { told.set_value(std::move(all)); });
  return told.get_future().get();
}

std::vector<std::string> paths(Stage& stage, const RequestFilter& filter = {}) {
  std::vector<std::string> paths;
  for (const RequestRecord& request : requests(stage, filter)) paths.push_back(request.path);
  return paths;
}

}  // namespace

TEST_CASE(
    "requests of several loops are one list: under way by age, then ended, the latest first") {
  Stage stage([](Stage::Settings& settings) { settings.service.threads = 3; });
  std::vector<RawSocket> clients, upstreams;
  for (int i = 0; i < 8; ++i) {
    clients.push_back(stage.client());
    clients.back().send(get("/" + std::to_string(i)));
    upstreams.push_back(stage.take_request());
    stage.advance(1s);
  }
  for (const std::size_t ended : {3u, 1u, 6u}) {
    upstreams[ended].send(answer("200 OK"));
    test::read_message(clients[ended]);
    stage.advance(1s);
  }
  CHECK(paths(stage) == std::vector<std::string>{"/0", "/2", "/4", "/5", "/7", "/6", "/1", "/3"});
  CHECK(paths(stage, {.most = 2}) == std::vector<std::string>{"/0", "/2", "/6", "/1"});
  CHECK(paths(stage, {.most = std::numeric_limits<std::size_t>::max()}) == paths(stage));
}

TEST_CASE("as many that ended are kept as were asked for, in all loops together") {
  struct Case {
    std::size_t threads, kept, served, listed;
  };
  for (const Case& c : {Case{1, 3, 9, 3}, {1, 700, 720, 700}, {4, 2, 11, 2}, {3, 0, 5, 0}}) {
    CAPTURE(c.threads);
    CAPTURE(c.kept);
    Stage stage([&](Stage::Settings& settings) {
      settings.service.threads = c.threads;
      settings.service.requests_kept = c.kept;
    });
    RawSocket client = stage.client();
    client.send(get("/0"));
    RawSocket upstream = stage.take_request();
    for (std::size_t i = 1;; ++i) {
      upstream.send(answer("200 OK"));
      test::read_message(client);
      if (i == c.served) break;
      client.send(get("/" + std::to_string(i)));
      test::read_message(upstream);
    }
    stage.settle();
    const auto all = paths(stage, {.most = 9'999});
    REQUIRE(all.size() == c.listed);
    if (c.listed > 0) CHECK(all.front() == "/" + std::to_string(c.served - 1));
  }
}

TEST_CASE("a request of a configuration that a reload replaced is listed with its route") {
  Stage stage([](Stage::Settings& settings) { settings.route().path = "/old/"; });
  RawSocket client = stage.client();
  client.send(get("/old/1"));
  RawSocket upstream = stage.take_request();
  stage.reload({});
  stage.settle();
  CHECK(requests(stage, {.route = "/old/"}).size() == 1);
  upstream.send(answer("200 OK"));
  test::read_message(client);
  stage.settle();
  const auto told = requests(stage, {.route = "/old/"});
  REQUIRE(told.size() == 1);
  CHECK(told[0].over);
}
