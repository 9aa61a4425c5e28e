#include "relay/body/linked_body.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "relay/body/body_source.h"
#include "tests/support/scripted_stream.h"
#include "tests/unit/relay/relaying.h"

using namespace bearer;
using namespace bearer::relay;
using namespace bearer::relay::test;
using bearer::test::ScriptedStream;

namespace {

using Status = Body::Status;
using Kind = http::Framing::Kind;

constexpr http::Framing kUntilClose{Kind::until_close, 0};

RouteOptions rewriting() {
  RouteOptions options = route("/", "https://api.example.com");
  options.rewrite_body_links = BodyLinks::json;
  return options;
}

struct Relinking {
  explicit Relinking(const http::Framing& framing = kUntilClose,
                     std::size_t output_bytes = LinkedBody::kOutputBytesMin,
                     std::string authority = "localhost:8080",
                     std::string_view type = "application/json")
      : its_route(rewriting()), source(framing), output(output_bytes) {
    request.route = &its_route;
    request.authority = std::move(authority);
    body.emplace(source, request, LinkedBody::Way::to_client, type, output);
  }

  /// One pull's data, added to `text`; that of a broken body is not sent.
  Status pull(std::size_t scratch_bytes = 4096) {
    std::string scratch(scratch_bytes, '?');
    Gather gather;
    const Status status = body->pull(stream, rest, scratch, gather);
    if (status == Status::malformed || status == Status::cut) return status;
    for (const iovec& part : gather.data()) {
      text.append(static_cast<const char*>(part.iov_base), part.iov_len);
    }
    data_bytes_max = std::max(data_bytes_max, gather.bytes());
    return status;
  }
  /// Pulls until there is nothing more for now.
  Status pull_all(std::size_t scratch_bytes = 4096) {
    for (;;) {
      const Status status = pull(scratch_bytes);
      if (status != Status::more) return status;
    }
  }

  Route its_route;
  Request request;
  BodySource source;
  std::vector<char> output;
  std::optional<LinkedBody> body;
  ScriptedStream stream;
  net::Buffer rest;
  std::string text;
  std::size_t data_bytes_max = 0;
};

constexpr std::string_view kJson = R"({"next":"https://api.example.com/x","n":[1,"h"]})";
constexpr std::string_view kLinked = R"({"next":"http://localhost:8080/x","n":[1,"h"]})";

}  // namespace

TEST_CASE("links are rewritten wherever the upstream's segments end") {
  for (std::size_t cut = 1; cut < kJson.size(); ++cut) {
    CAPTURE(cut);
    Relinking relinking({Kind::length, kJson.size()});
    relinking.stream.give(kJson.substr(0, cut));
    CHECK(relinking.pull_all() == Status::blocked);
    relinking.stream.give(kJson.substr(cut));
    CHECK(relinking.pull_all() == Status::done);
    CHECK(relinking.text == kLinked);
    CHECK(relinking.pull_all() == Status::done);
    CHECK(relinking.text == kLinked);
  }
}

TEST_CASE(
    "links are rewritten in chunks, also in bytes that came with the head, and trailers end") {
  Relinking relinking({Kind::chunked, 0});
  for (const char c : kJson) relinking.rest.append("1\r\n" + std::string(1, c) + "\r\n");
  relinking.stream.give("0\r\nContent-Digest: x\r\n\r\n");
  CHECK(relinking.pull_all() == Status::done);
  CHECK(relinking.text == kLinked);
  CHECK(relinking.source.trailers() != "");
  CHECK(relinking.body->trailers() == "");
}

TEST_CASE("data that can be no link passes at once") {
  Relinking relinking;
  relinking.stream.give(R"({"event":"hello)");
  CHECK(relinking.pull_all() == Status::blocked);
  CHECK(relinking.text == R"({"event":"hello)");
}

TEST_CASE("what was held back of a body that ends in a link still comes, then its end") {
  struct Ending {
    ScriptedStream::Status how;
    http::Framing framing;
    Status status;
  };
  for (const Ending& ending :
       {Ending{ScriptedStream::Status::ended, kUntilClose, Status::done},
        Ending{ScriptedStream::Status::failed, kUntilClose, Status::cut},
        Ending{ScriptedStream::Status::ended, {Kind::length, 99}, Status::cut}}) {
    Relinking relinking(ending.framing);
    relinking.stream.give(R"({"next":"https://api.exa)");
    CHECK(relinking.pull_all() == Status::blocked);
    CHECK(relinking.text == R"({"next":")");
    relinking.stream.then(ending.how);
    CHECK(relinking.pull_all() == ending.status);
    CHECK(relinking.text == R"({"next":"https://api.exa)");
    relinking.stream.then(ScriptedStream::Status::ended);  // as TCP does after a reset
    CHECK(relinking.pull() == ending.status);
  }
  Relinking relinking({Kind::chunked, 0});
  relinking.stream.give("5\r\n\"http\r\nno chunk\r\n");
  CHECK(relinking.pull_all() == Status::malformed);
  CHECK(relinking.text == "\"http");
}

TEST_CASE("a broken body of which nothing is held back says so with its first pull") {
  Relinking relinking;
  relinking.stream.then(ScriptedStream::Status::failed);
  CHECK(relinking.pull() == Status::cut);
}

TEST_CASE("links that grow much do not make the output grow, and nothing is lost") {
  const std::string authority = std::string(5000, 'x') + ".localhost";
  std::string json = "[";
  std::string expected = "[";
  for (int i = 0; i < 1000; ++i) {
    json += "\"https://api.example.com/" + std::to_string(i) + "\",";
    expected += "\"http://" + authority + "/" + std::to_string(i) + "\",";
  }
  Relinking relinking({Kind::length, json.size()}, LinkedBody::kOutputBytesMin, authority);
  relinking.stream.give(json);
  CHECK(relinking.pull_all(64u << 10) == Status::done);
  CHECK(relinking.text == expected);
  CHECK(relinking.data_bytes_max <= LinkedBody::kOutputBytesMin);
}

TEST_CASE("heads of a batch that grow, and end without an empty line, are never too much") {
  const std::string authority = std::string(40, 'x') + ".localhost";
  std::string batch, expected;
  for (int part = 0; part < 60; ++part) {
    std::string fields, grown;
    for (int i = 0; i < 160 + part * 4; ++i) {
      fields += "x: https://api.example.com/\r\n";
      grown += "x: http://" + authority + "/\r\n";
    }
    const std::string begin = "--b\r\nContent-Type: application/http\r\n\r\n";
    const std::string status = "HTTP/1.1 200 OK\r\n";
    const bool too_large = status.size() + grown.size() > (17u << 10);
    batch += begin + status + fields;
    expected += begin + status + (too_large ? fields : grown);
  }
  batch += "--b--\r\n";
  expected += "--b--\r\n";
  for (const std::size_t piece : {1000u, 4096u, 60'000u}) {
    CAPTURE(piece);
    Relinking relinking({Kind::length, batch.size()}, LinkedBody::kOutputBytesMin, authority,
                        "multipart/mixed; boundary=b");
    relinking.stream.give(batch);
    CHECK(relinking.pull_all(piece) == Status::done);
    CHECK(relinking.text.size() == expected.size());
    CHECK(relinking.data_bytes_max <= LinkedBody::kOutputBytesMin);
  }
}
