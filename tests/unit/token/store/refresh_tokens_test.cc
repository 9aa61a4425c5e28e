#include "token/store/refresh_tokens.h"

#include <doctest/doctest.h>

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "tests/support/content.h"
#include "tests/support/finished.h"
#include "tests/support/owned_clock.h"
#include "tests/support/shared_store.h"
#include "tests/support/temporary_directory.h"

using namespace bearer;
using base::Secret;
using token::StoreItem;

namespace {

/// A host of the fleet, with a file of its own.
struct Host {
  Host(test::SharedStore& store, const std::string& grant)
      : path(directory.write("grant", grant)),
        tokens(path, store.process(),
               [this](const base::Error& e) { faults.push_back(e.detail); }) {}
  std::string read() {
    const auto token = test::finished(tokens.read());
    return token ? std::string(token->reveal()) : token.error().detail;
  }
  bool rotate(const std::string& used, const std::string& fresh) {
    return test::finished(tokens.replace(Secret(std::string(used)), Secret(std::string(fresh))))
        .has_value();
  }

  test::TemporaryDirectory directory;
  std::string path;
  std::vector<std::string> faults;
  token::SharedRefreshTokens tokens;
};

struct Fleet {
  test::OwnedClock clock;
  test::SharedStore store{clock};
  Host first{store, "grant-0"};
  Host second{store, "grant-0"};
};

}  // namespace

TEST_CASE("a refresh token that one host's request rotated is the next one for all hosts") {
  Fleet fleet;
  CHECK(fleet.first.read() == "grant-0");
  REQUIRE(fleet.first.rotate("grant-0", "grant-1"));
  CHECK(test::content(fleet.first.path) == "grant-1\n");
  CHECK(fleet.second.read() == "grant-1");
  REQUIRE(fleet.second.rotate("grant-1", "grant-2"));
  CHECK(test::content(fleet.second.path) == "grant-2\n");
  CHECK(fleet.first.read() == "grant-2");
  REQUIRE(fleet.first.rotate("grant-2", "grant-3"));
  Host third(fleet.store, "grant-0");  // it slept through all of this
  CHECK(third.read() == "grant-3");
}

TEST_CASE("a grant that a person puts into the file wins over the store's") {
  Fleet fleet;
  fleet.first.read();
  REQUIRE(fleet.first.rotate("grant-0", "grant-1"));
  fleet.second.directory.write("grant", "new-grant");
  CHECK(fleet.second.read() == "new-grant");
  REQUIRE(fleet.second.rotate("new-grant", "new-grant-1"));
  CHECK(fleet.second.read() == "new-grant-1");
  CHECK(fleet.first.read() == "grant-1");  // of another grant: its own file's
}

TEST_CASE("a grant that a person puts there while a request is under way stays") {
  Fleet fleet;
  fleet.first.read();
  fleet.first.directory.write("grant", "new-grant");
  REQUIRE(fleet.first.rotate("grant-0", "grant-1"));
  CHECK(test::content(fleet.first.path) == "new-grant");
  CHECK(fleet.first.read() == "new-grant");
}

TEST_CASE("a store that lost its memory loses no grant") {
  Fleet fleet;
  fleet.first.read();
  REQUIRE(fleet.first.rotate("grant-0", "grant-1"));
  fleet.store.forget();
  CHECK(fleet.first.read() == "grant-1");
}

TEST_CASE("a store that is behind the file is not believed") {
  Fleet fleet;
  fleet.first.read();
  REQUIRE(fleet.first.rotate("grant-0", "grant-1"));
  const std::string behind = fleet.store.text(StoreItem::refresh_token);
  REQUIRE(fleet.first.rotate("grant-1", "grant-2"));
  fleet.store.put(StoreItem::refresh_token, behind, std::chrono::hours(1));
  CHECK(fleet.first.read() == "grant-2");
}

TEST_CASE("one of the two places is enough, and the other's fault is said") {
  Fleet fleet;
  fleet.first.read();
  SUBCASE("the store is down") {
    fleet.store.fail(true);
    CHECK(fleet.first.rotate("grant-0", "grant-1"));
    CHECK(fleet.first.faults.size() == 1);
    CHECK(fleet.first.read() == "grant-1");
  }
  SUBCASE("the file cannot be written") {
    std::filesystem::create_directory(fleet.first.path + ".new");  // stops root, too
    CHECK(fleet.first.rotate("grant-0", "grant-1"));
    CHECK(fleet.first.faults.size() == 1);
    CHECK(test::content(fleet.first.path) == "grant-0");
    CHECK(fleet.first.read() == "grant-1");
  }
  SUBCASE("neither will do") {
    fleet.store.fail(true);
    std::filesystem::create_directory(fleet.first.path + ".new");
    CHECK_FALSE(fleet.first.rotate("grant-0", "grant-1"));
  }
}

TEST_CASE("the store holds the token and digests of those before it, no others") {
  Fleet fleet;
  fleet.first.read();
  REQUIRE(fleet.first.rotate("grant-0", "grant-1"));
  const std::string text = fleet.store.text(StoreItem::refresh_token);
  CHECK((text.find("grant-1") != std::string::npos));
  CHECK((text.find("grant-0") == std::string::npos));
}

TEST_CASE(
    "a refresh token that JSON cannot hold is kept in the file, unchanged, and that is said") {
  Fleet fleet;
  fleet.first.read();
  const std::string odd = "grant-\xc3(\xff";
  CHECK(fleet.first.rotate("grant-0", odd));
  CHECK(test::content(fleet.first.path) == odd + "\n");
  CHECK(fleet.store.text(StoreItem::refresh_token) == "");
  CHECK(fleet.first.faults ==
        std::vector<std::string>{
            "the rotated refresh token has bytes that are not UTF-8, which a store cannot keep"});
  CHECK(fleet.first.read() == odd);
  CHECK(fleet.first.rotate(odd, "gr\xc3\xa4nt-2"));  // this one is UTF-8
  CHECK(fleet.first.faults.size() == 1);
  CHECK(fleet.first.read() == "gr\xc3\xa4nt-2");
}

namespace {

/// A place that fails, or works.
struct Place final : token::RefreshTokens {
  net::Task<base::Result<Secret>> read() override { co_return Secret(std::string(kept)); }
  net::Task<base::Result<void>> replace(const Secret& used, const Secret& fresh) override {
    if (full) co_return base::Error{base::Errc::file_unwritable, "it is full"};
    if (used.reveal() == kept) kept = fresh.reveal();
    co_return {};
  }

  std::string kept = "g1";
  bool full = false;
};

struct Holding {
  Holding() : tokens(make()) {}
  std::unique_ptr<Place> make() {
    auto made = std::make_unique<Place>();
    place = made.get();
    return made;
  }
  std::string read() { return std::string(test::finished(tokens.read())->reveal()); }
  bool replace(const char* used, const char* fresh) {
    return test::finished(tokens.replace(Secret(used), Secret(fresh))).has_value();
  }

  Place* place;
  token::HeldRefreshTokens tokens;
};

}  // namespace

TEST_CASE("a refresh token that cannot be saved is the next one all the same, and saved later") {
  Holding f;
  REQUIRE(f.replace("g1", "g2"));
  CHECK_FALSE(f.tokens.holds());
  CHECK(f.read() == "g2");
  f.place->full = true;
  CHECK_FALSE(f.replace("g2", "g3"));
  CHECK(f.tokens.holds());
  CHECK(f.read() == "g3");
  CHECK_FALSE(f.replace("g3", "g4"));  // rotated once more, and never saved
  CHECK(f.read() == "g4");
  CHECK(f.place->kept == "g2");
  f.place->full = false;
  REQUIRE(test::finished(f.tokens.save()).has_value());
  CHECK_FALSE(f.tokens.holds());
  CHECK(f.place->kept == "g4");
}

TEST_CASE("a grant that a person put in the place of one that could not be saved is read") {
  Holding f;
  f.place->full = true;
  CHECK_FALSE(f.replace("g1", "g2"));
  f.place->kept = "from a person";
  f.place->full = false;
  REQUIRE(test::finished(f.tokens.save()).has_value());
  CHECK(f.read() == "from a person");
}
