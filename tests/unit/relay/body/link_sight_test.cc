#include "relay/body/link_sight.h"

#include <doctest/doctest.h>

#include <optional>
#include <string>
#include <string_view>

#include "relay/body/body_source.h"
#include "relay/limits/link_watch.h"
#include "tests/support/scripted_stream.h"
#include "tests/unit/relay/relaying.h"

using namespace bearer;
using namespace bearer::relay;
using namespace bearer::relay::test;
using bearer::test::ScriptedStream;

namespace {

struct Looking {
  Looking() {
    request.route = &its_route;
    request.authority = "localhost:8080";
    body.emplace(source, request, [this] { ++seen; });
  }
  /// What goes on of a body that comes in these pieces.
  std::string pass(std::initializer_list<std::string_view> pieces) {
    std::string text;
    for (const std::string_view piece : pieces) {
      stream.give(piece);
      std::string scratch(40000, '?');
      Gather gather;
      body->pull(stream, rest, scratch, gather);
      for (const iovec& part : gather.data()) {
        text.append(static_cast<const char*>(part.iov_base), part.iov_len);
      }
    }
    return text;
  }

  Route its_route{route("/v2/", "https://api.example.com/base/", true)};
  Request request;
  BodySource source{http::Framing{http::Framing::Kind::until_close, 0}};
  std::optional<LinkSight> body;
  ScriptedStream stream;
  net::Buffer rest;
  int seen = 0;
};

constexpr std::string_view kLink = R"({"next": "https://api.example.com/base/users?page=2"})";

}  // namespace

TEST_CASE_FIXTURE(Looking, "a link to the upstream is seen once, and passes as it is") {
  CHECK(pass({kLink, kLink}) == std::string(kLink) + std::string(kLink));
  CHECK(seen == 1);
}

TEST_CASE_FIXTURE(Looking, "a link is seen however it is written and cut") {
  pass({R"([{"a": "b"}, "htt)", R"(p:\/\/API.example.com:443\/ba)", R"(se\/x"])"});
  CHECK(seen == 1);
}

TEST_CASE_FIXTURE(Looking, "what --rewrite-body-links would leave alone is no link") {
  pass(
      {R"(["https://other.example.com/base/", "/base/users", "see https://api.example.com/base/",)",
       R"("https://api.example.com/elsewhere/", "https://api.example.com.evil.com/base/"])"});
  CHECK(seen == 0);
}

TEST_CASE_FIXTURE(Looking, "no more than the beginning of a body is looked at") {
  const std::string filler(LinkSight::kLookBytesMax - 20, ' ');
  CHECK(pass({filler, kLink}) == filler + std::string(kLink));
  CHECK(seen == 0);
  Looking earlier;
  earlier.pass({filler.substr(100), kLink});
  CHECK(earlier.seen == 1);
}

TEST_CASE_FIXTURE(Looking, "a body must be seen until its beginning was looked at, or a link met") {
  CHECK(body->unseen() == 0);
  pass({std::string(LinkSight::kLookBytesMax - 1, ' ')});
  CHECK(body->unseen() == 0);
  pass({" "});
  CHECK(body->unseen() > 0);
  Looking other;
  other.pass({kLink});
  CHECK(other.seen == 1);
  CHECK(other.body->unseen() > 0);
}

TEST_CASE("a watch ends with the first link, or after so many bodies without one") {
  LinkWatch watch;
  for (int i = 0; i < LinkWatch::kBodiesMax; ++i) CHECK(watch.begin());
  CHECK(watch.over());
  CHECK_FALSE(watch.begin());

  LinkWatch other;
  CHECK(other.begin());
  CHECK(other.begin());
  CHECK(other.saw());
  CHECK_FALSE(other.saw());
  CHECK(other.over());
  CHECK_FALSE(other.begin());
}
