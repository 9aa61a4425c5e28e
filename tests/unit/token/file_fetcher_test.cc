#include "token/file_fetcher.h"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/stat.h>

#include <chrono>
#include <string>

#include "base/encoding.h"
#include "tests/support/finished.h"
#include "tests/support/owned_clock.h"
#include "tests/support/temporary_directory.h"

using namespace bearer;
using namespace std::chrono_literals;

namespace {

struct Fixture {
  test::OwnedClock clock;
  net::Loop loop{clock};
  test::TemporaryDirectory directory;

  /// Written `age` ago.
  base::Result<token::Fetched> fetch(const std::string& content, base::Duration age = 0s) {
    const std::string path = directory.write("token", content);
    const auto written = std::chrono::floor<std::chrono::seconds>(clock.wall() - age);
    const timespec time{written.time_since_epoch().count(), 0};
    const timespec times[] = {time, time};
    REQUIRE(::utimensat(AT_FDCWD, path.c_str(), times, 0) == 0);
    token::FileFetcher fetcher(path, loop, {});
    return test::finished(fetcher.fetch());
  }
  std::string why_not(const std::string& content, base::Duration age = 0s) {
    const auto fetched = fetch(content, age);
    return fetched ? "it will do" : fetched.error().sentence();
  }
};

}  // namespace

TEST_CASE("a token stands alone in its file, or in JSON") {
  Fixture f;
  for (const char* content : {"tok", "tok\n", "\r\n tok \n\n", R"({"access_token":"tok"})",
                              R"( {"access_token":"tok","token_type":"bearer"})"}) {
    CAPTURE(content);
    const auto fetched = f.fetch(content);
    REQUIRE(fetched.has_value());
    CHECK(fetched->value.reveal() == "tok");
    CHECK(fetched->lifetime() == 1h);
    CHECK(fetched->sent == f.clock.now());
  }
}

TEST_CASE("expires_in counts from the file's modification, and a JWT's exp holds") {
  Fixture f;
  CHECK(f.fetch(R"({"access_token":"tok","expires_in":60})", 20s)->lifetime() == 40s);
  CHECK(f.fetch(R"({"access_token":"tok","expires_in":"60"})", -20s)->lifetime() == 60s);
  CHECK(f.fetch("tok", 48h)->lifetime() == 1h);
  const auto exp = std::chrono::floor<std::chrono::seconds>(f.clock.wall()) + 30s;
  const std::string jwt =
      "e30." +
      base::base64url_encode("{\"exp\":" + std::to_string(exp.time_since_epoch().count()) + "}") +
      ".c2ln";
  CHECK(f.fetch(jwt, 48h)->lifetime() == 30s);
}

TEST_CASE("a file without a token that can be used says so and never shows it") {
  Fixture f;
  CHECK(
      f.why_not(R"({"access_token":"hush","expires_in":60})", 61s)
          .starts_with("the token had expired by the time it came: check what writes token_file"));
  struct Case {
    const char *content, *why;
  };
  for (const Case& c : {Case{"\n", " holds no token: check token_file"},
                        Case{"<html>hush</html>", " is a page, not a token"},
                        Case{"hush hush", " holds a token with blanks"},
                        Case{"{hush", " begins like JSON but cannot be parsed"},
                        Case{R"({"id":"hush"})", " holds no access_token (its members: id)"},
                        Case{R"({"access_token":"hush","token_type":"mac"})", "token_type \"mac\""},
                        Case{"", " is empty: check token_file"}}) {
    const std::string said = f.why_not(c.content);
    CAPTURE(said);
    CHECK(said.find(f.directory.path("token")) != std::string::npos);
    CHECK(said.find(c.why) != std::string::npos);
    CHECK(said.find("hush") == std::string::npos);
  }
}

TEST_CASE("a token's file is watched: it counts as changed when it is replaced") {
  Fixture f;
  const token::FileFetcher fetcher(f.directory.write("token", "one"), f.loop, {});
  CHECK(fetcher.watched());
  const auto before = fetcher.fingerprint();
  f.directory.write("token", "two");
  CHECK(fetcher.fingerprint() != before);
}
