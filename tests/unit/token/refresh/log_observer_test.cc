#include "token/refresh/log_observer.h"

#include <doctest/doctest.h>
#include <unistd.h>

#include <chrono>
#include <string>

#include "tests/support/captured.h"
#include "tests/support/owned_clock.h"

using namespace bearer;
using namespace std::chrono_literals;
using base::Errc;

namespace {

int count(const std::string& text, std::string_view part) {
  int found = 0;
  for (auto at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++found;
  return found;
}

const base::Error kRejected{Errc::token_rejected, "invalid_client (x)", "check client_id"};

}  // namespace

TEST_CASE("a fetched token's line has its life and scope, never its value") {
  const test::OwnedClock time;
  token::LogObserver observer("crm", {}, time);
  const token::Fetched fetched{base::Secret("hush"), time.now(), time.now() + 3600s, "a b"};
  const std::string said =
      test::captured(STDERR_FILENO, [&] { observer.fetched(fetched, 7, 3599s, 3400s); });
  CHECK(count(said, "\n") == 1);
  for (const char* part :
       {"token fetched", "credential=crm", "generation=7", "lifetime_s=3600",
        "expires=2026-01-01T00:59:59Z", "expires_in_s=3599", "renews_in_s=3400", "scope=\"a b\""}) {
    CAPTURE(part);
    CHECK(count(said, part) == 1);
  }
  CHECK(count(said, "hush") == 0);
}

TEST_CASE("a rejection is said once, and again when its reason changes or after a success") {
  const test::OwnedClock time;
  token::LogObserver observer("crm", {}, time);
  base::Error other = kRejected;
  other.detail = "invalid_scope";
  const std::string said = test::captured(STDERR_FILENO, [&] {
    observer.failed(kRejected, 5s);
    observer.failed(kRejected, 10s);
    observer.failed(kRejected, 20s);
    observer.failed(other, 40s);
  });
  CHECK(count(said, "\n") == 2);
  CHECK(count(said, "fix=\"check client_id\"") == 2);
  const std::string again = test::captured(STDERR_FILENO, [&] {
    observer.fetched({base::Secret("t"), time.now(), time.now() + 60s, ""}, 1, 60s, 30s);
    observer.failed(other, 5s);
  });
  CHECK(count(again, "invalid_scope") == 1);
}

TEST_CASE("what an answer lacks is a warning, said once") {
  const test::OwnedClock time;
  token::LogObserver observer("crm", {}, time);
  token::Fetched fetched{base::Secret("hush"), time.now(), time.now() + 60s, ""};
  fetched.remark = "the answer holds no ttl: check expiry_member";
  const std::string said = test::captured(STDERR_FILENO, [&] {
    observer.fetched(fetched, 1, 60s, 30s);
    observer.fetched(fetched, 2, 60s, 30s);
  });
  CHECK(count(said, "WARN") + count(said, "warn") == 1);
  CHECK(count(said, fetched.remark) == 1);
}

TEST_CASE("a fault that passes by itself is said each time, with the next try") {
  const test::OwnedClock time;
  token::LogObserver observer("crm", {}, time);
  const base::Error down{Errc::token_unreachable, "refused", "check token_url"};
  const std::string said = test::captured(STDERR_FILENO, [&] {
    observer.failed(down, 1s);
    observer.failed(down, 2500ms);
  });
  CHECK(count(said, "\n") == 2);
  CHECK(count(said, "error=token_unreachable") == 2);
  CHECK(count(said, "next_try_in_s=2.5") == 1);
}

TEST_CASE("a rejection says what has another secret tried: a file's change, or a restart") {
  const test::OwnedClock time;
  const auto said = [&](token::LogObserver::Inputs inputs) {
    token::LogObserver observer("crm", inputs, time);
    return test::captured(STDERR_FILENO, [&] { observer.failed(kRejected, 5s); });
  };
  const std::string in_file = said({.in_files = true});
  CHECK(count(in_file, "tried again, and at once when its secret's file changes") == 1);
  CHECK(count(in_file, "restart") == 0);
  const std::string in_environment = said({.in_environment = true});
  CHECK(count(in_environment, "its secret is from the environment: another one there needs") == 1);
  CHECK(count(in_environment, "file changes") == 0);
  const std::string both = said({.in_files = true, .in_environment = true});
  CHECK(count(both, "file changes; a secret is from the environment") == 1);
  const std::string neither = said({});
  CHECK(count(neither, "the token endpoint refuses the credential; tried again\"") +
            count(neither, "the token endpoint refuses the credential; tried again credential=") ==
        1);
}
