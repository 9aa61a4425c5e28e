#include "tests/sandbox/orders.h"

#include <doctest/doctest.h>

#include <set>

#include "tests/sandbox/sandbox.h"

using namespace bearer::sandbox;
using Json = nlohmann::ordered_json;

namespace {

Answer post(Orders& orders, const std::string& body) {
  Request request;
  request.body = body;
  return orders.carry_out(request);
}

Answer look_up(const Orders& orders, const std::string& id) {
  Request request;
  request.path = "/api/v2/orders/" + id;
  return orders.look_up(request);
}

}  // namespace

TEST_CASE(
    "an order is carried out each time that it comes, and those that came twice are counted") {
  Orders orders;
  CHECK(post(orders, R"({"id":"a"})").status == 201);
  CHECK(post(orders, R"({"id":"b"})").status == 201);
  CHECK(post(orders, R"({"id":"a","amount":7})").status == 201);
  CHECK(post(orders, R"({"id":"a"})").status == 201);
  CHECK(orders.to_json() == Json{{"carried_out", 2}, {"twice", 1}});
  CHECK(Json::parse(look_up(orders, "a").body)["times"] == 3);
  CHECK(Json::parse(look_up(orders, "b").body)["times"] == 1);
  CHECK(look_up(orders, "c").status == 404);
}

TEST_CASE("an order without an id is refused") {
  Orders orders;
  for (const char* body : {"", "{", "[]", "{}", R"({"id":7})"}) {
    CAPTURE(body);
    CHECK(post(orders, body).status == 400);
  }
  CHECK(orders.to_json()["carried_out"] == 0);
}

TEST_CASE("a fault after the order leaves it carried out, and its answer does not say so") {
  Sandbox sandbox({.faults = parse_faults("after=100%")});
  const auto send = [&sandbox](const std::string& path, const std::string& authorization,
                               const std::string& body) {
    Request request;
    request.method = "POST";
    request.path = request.target = path;
    request.authorization = authorization;
    request.body = request.body_sha256 = body;
    return sandbox.answer(request);
  };
  const Answer granted = send(
      "/oauth/token", "Basic c2FuZGJveDpzYW5kYm94LXNlY3JldA==", "grant_type=client_credentials");
  const std::string token =
      "Bearer " + Json::parse(granted.body)["access_token"].get<std::string>();

  std::set<int> statuses;
  for (int i = 0; i < 100; ++i) {
    const Answer answer = send("/api/v2/orders", token, R"({"id":")" + std::to_string(i) + R"("})");
    statuses.insert(answer.reset ? 0 : answer.status);
  }
  CHECK(statuses == std::set{0, 500, 502, 504});
  Request stats;
  stats.method = "GET";
  stats.path = "/sandbox/stats";
  const Json seen = Json::parse(sandbox.answer(stats).body);
  CHECK(seen["orders"] == Json{{"carried_out", 100}, {"twice", 0}});
  CHECK(seen["faults"]["after"] == 100);
}
