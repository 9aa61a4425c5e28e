#include "relay/limits/quota_book.h"

#include <doctest/doctest.h>

#include <string>

#include "tests/unit/http/field_list.h"

using namespace bearer;
using namespace bearer::relay;
using namespace std::chrono_literals;
using http::test::Fields;

namespace {

constexpr base::Instant kStart{std::chrono::hours(1000)};
constexpr RequestKind kSearch = 1, kCore = 2, kOther = 3;

class Book {
 public:
  bool learn(RequestKind kind, const Fields& fields, const LaneStamps& stamps = {}) {
    return book_.learn(kind, stamps, http::QuotaClaims(fields, {}), {}, kStart);
  }
  /// Returns when a request of that kind may go.
  base::Instant next(RequestKind kind) {
    base::Instant next = kStart;
    for (const auto& lane : book_.of(kind)) next = std::max(next, lane->pace.next(kStart));
    return next;
  }
  bool held(RequestKind kind) { return next(kind) > kStart; }
  std::size_t quotas(RequestKind kind) const { return book_.of(kind).size(); }

 private:
  std::mutex mutex_;
  QuotaBook book_{mutex_, 5min};
};

Fields named(std::string_view resource, std::string_view limit, std::string_view remaining) {
  return {{"X-RateLimit-Resource", resource},
          {"X-RateLimit-Limit", limit},
          {"X-RateLimit-Remaining", remaining},
          {"X-RateLimit-Reset", "9"}};
}

Fields unnamed(std::string_view limit, std::string_view remaining) {
  return {{"X-RateLimit-Limit", limit},
          {"X-RateLimit-Remaining", remaining},
          {"X-RateLimit-Reset", "9"}};
}

}  // namespace

TEST_CASE("a kind of request is held by the quotas that it was told of, and by no other") {
  Book book;
  CHECK(book.learn(kSearch, named("search", "30", "0")));
  CHECK(book.learn(kCore, named("core", "5000", "4999")));
  CHECK(book.held(kSearch));
  CHECK_FALSE(book.held(kCore));
  CHECK_FALSE(book.held(kOther));
}

TEST_CASE("kinds that were told of one name share that quota") {
  Book book;
  book.learn(kCore, named("core", "5000", "100"));
  book.learn(kOther, named("core", "5000", "0"));
  CHECK(book.held(kCore));
}

TEST_CASE("quotas whose limits differ are different, and so are those without a name") {
  Book book;
  book.learn(kSearch, named("api", "30", "0"));
  book.learn(kCore, named("api", "5000", "4999"));
  CHECK_FALSE(book.held(kCore));
  book.learn(kSearch, unnamed("600", "0"));
  book.learn(kCore, unnamed("600", "599"));
  CHECK(book.held(kSearch));
  CHECK_FALSE(book.held(kCore));
}

TEST_CASE("each policy of a response is a quota of its own, and the latest holds") {
  Book book;
  book.learn(kCore, {{"RateLimit", R"("burst";r=0;t=3, "hour";r=0;t=60, "day";r=0;t=80000)"}});
  CHECK(book.quotas(kCore) == 2);  // a day is beyond the horizon
  CHECK(book.next(kCore) == kStart + 61s);
}

TEST_CASE("an answer that names another quota takes the kind out of the one before") {
  Book book;
  book.learn(kCore, named("core", "5000", "0"));
  CHECK(book.held(kCore));
  book.learn(kCore, named("graph", "5000", "10"));
  CHECK_FALSE(book.held(kCore));
}

TEST_CASE("an answer that names no quota leaves what was known until the window is over") {
  Book book;
  book.learn(kCore, named("core", "5000", "0"));
  CHECK_FALSE(book.learn(kCore, {{"X-Other", "1"}}));
  CHECK(book.held(kCore));
}

TEST_CASE("tokens are not requests") {
  Book book;
  CHECK_FALSE(book.learn(
      kCore, {{"x-ratelimit-remaining-tokens", "0"}, {"x-ratelimit-reset-tokens", "6m0s"}}));
  CHECK_FALSE(book.held(kCore));
}

TEST_CASE("however many kinds and names there are, the book has an end") {
  std::mutex mutex;
  QuotaBook book(mutex, 5min);
  std::size_t known = 0;
  for (RequestKind kind = 1; kind <= 5000; ++kind) {
    const std::string name = std::to_string(kind);
    const Fields fields = named(name, "5000", "0");
    book.learn(kind, {}, http::QuotaClaims(fields, {}), {}, kStart);
  }
  for (RequestKind kind = 1; kind <= 5000; ++kind) known += book.of(kind).size();
  CHECK(known == QuotaBook::kKindsMax);
  // One kind whose every answer has another name.
  for (int i = 0; i < 5000; ++i) {
    const std::string name = "x" + std::to_string(i);
    book.learn(1, {}, http::QuotaClaims(named(name, "5000", "0"), {}), {}, kStart);
  }
  CHECK(book.of(1).size() == 1);
}
