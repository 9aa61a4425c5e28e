// Another configuration takes effect for new requests, without dropping any.
#include <doctest/doctest.h>

#include <string>

#include "tests/integration/relay/stage.h"

using namespace bearer;
using namespace bearer::test;
using namespace std::chrono_literals;

namespace {

Stage::Adjust to(const RawListener& upstream) {
  return [port = upstream.port()](Stage::Settings& settings) {
    settings.route().upstream.port = port;
  };
}

}  // namespace

TEST_CASE("a request under way ends by what it began with, the next goes by the new") {
  Stage stage;
  RawListener moved;
  RawSocket client = stage.client();
  client.send(get("/first"));
  RawSocket former = stage.take_request();
  stage.reload(to(moved));
  former.send(answer("503 Busy"));
  stage.seen.attempt(1);
  stage.advance(2s);
  CHECK(read_message(former).start_line == "GET /first HTTP/1.1");
  former.send(answer("200 OK", "former"));
  CHECK(read_message(client).body == "former");

  client.send(get("/second"));
  RawSocket present = moved.accept();
  CHECK(read_message(present).start_line == "GET /second HTTP/1.1");
  present.send(answer("200 OK", "present"));
  CHECK(read_message(client).body == "present");
}

TEST_CASE("a connection that nobody needs any more is closed by the reload") {
  Stage stage;
  RawListener moved;
  RawSocket client = stage.client();
  client.send(get());
  RawSocket former = stage.take_request();
  former.send(answer("200 OK"));
  read_message(client);
  stage.reload(to(moved));
  CHECK(former.await_end() == RawSocket::End::closed);
}

TEST_CASE("what the upstream asked for outlives a reload, for as long as it is the same") {
  Stage stage;
  RawListener moved;
  RawSocket told = stage.client();
  told.send(get());
  RawSocket upstream = stage.take_request();
  upstream.send(answer("503 Busy", "", "Retry-After: 30\r\n"));
  stage.seen.attempt(1);

  const auto patient = [](Stage::Settings& settings) { settings.route().retry.max_retries = 5; };
  stage.reload(patient);
  RawSocket later = stage.client();
  later.send(get("/later"));
  stage.settle();
  CHECK(stage.upstream.quiet());

  stage.reload(to(moved));
  RawSocket elsewhere = stage.client();
  elsewhere.send(get("/elsewhere"));
  RawSocket present = moved.accept();
  CHECK(read_message(present).start_line == "GET /elsewhere HTTP/1.1");
}

TEST_CASE("a limit on what is in flight counts across a reload that leaves its route") {
  const auto one = [](Stage::Settings& settings) { settings.route().in_flight_max = 1; };
  Stage stage(one);
  RawSocket first = stage.client();
  first.send(get("/first"));
  RawSocket upstream = stage.take_request();
  stage.reload(one);
  RawSocket second = stage.client();
  second.send(get("/second"));
  stage.settle();
  CHECK(stage.upstream.quiet());
  upstream.send(answer("200 OK"));
  RawSocket fresh = stage.upstream.accept();
  CHECK(read_message(fresh).start_line == "GET /second HTTP/1.1");
}

TEST_CASE("a route that a reload takes away is counted until its last request has ended") {
  const auto two = [](Stage::Settings& settings) {
    settings.routes.push_back(settings.route());
    settings.routes.back().path = "/crm/";
  };
  Stage stage(two);
  const auto counted = [&] { return stage.service().totals().routes; };
  RawSocket client = stage.client();
  client.send(get("/crm/1"));
  RawSocket upstream = stage.take_request();
  CHECK(counted().at("/crm/").in_flight == 1);
  stage.reload({});
  stage.settle();
  CHECK(counted().at("/crm/").in_flight == 1);
  upstream.send(answer("200 OK"));
  read_message(client);
  stage.settle();
  CHECK(counted().size() == 1);
  CHECK(counted().contains("/"));

  stage.reload(two);
  stage.settle();
  CHECK(counted().at("/crm/").latencies.count() == 0);
}

TEST_CASE("who may ask is read anew too") {
  Stage stage;
  RawSocket client = stage.client();
  const std::string request = "GET / HTTP/1.1\r\nHost: api.internal\r\n\r\n";
  client.send(request);
  CHECK(read_message(client).status() == 421);
  stage.reload([](Stage::Settings& s) { s.service.allowed_hosts.push_back("api.internal"); });
  client.send(request);
  RawSocket upstream = stage.take_request();
  upstream.send(answer("200 OK"));
  CHECK(read_message(client).status() == 200);
}
