#include "token/store/file_store.h"

#include <doctest/doctest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <string>

#include "tests/support/captured.h"
#include "tests/support/content.h"
#include "tests/support/finished.h"
#include "tests/support/killed_process.h"
#include "tests/support/owned_clock.h"
#include "tests/support/said.h"
#include "tests/support/temporary_directory.h"

using namespace bearer;
using namespace std::chrono_literals;
using base::Secret;
using token::FileStore;
using token::StoreItem;

namespace {

struct Host {
  test::OwnedClock clock;
  mutable net::Loop loop{clock};
  test::TemporaryDirectory directory;

  std::string path() const { return directory.path("store.json"); }
  FileStore store(const std::string& identity = "crm") const { return {path(), identity, loop}; }
};

std::string text_of(FileStore& store, StoreItem item = StoreItem::token) {
  const auto kept = test::finished(store.read(item));
  if (!kept) return "error: " + kept.error().detail;
  return *kept ? std::string((*kept)->text.reveal()) : "nothing";
}

void let_go(FileStore& store) {
  net::Task<void> released = store.release();
  released.start();
  CHECK(released.done());
}

void put(FileStore& store, const std::string& text, base::Duration life = 60s) {
  const Secret secret{std::string(text)};
  const auto written = test::finished(store.write(StoreItem::token, secret, life));
  CAPTURE(text);
  REQUIRE(written.has_value());
}

}  // namespace

TEST_CASE("what one process wrote another reads, with the life that is left, until it ends") {
  Host host;
  FileStore first = host.store();
  FileStore second = host.store();
  CHECK(text_of(second) == "nothing");
  put(first, "a");
  host.clock.advance(20s);
  CHECK(test::finished(second.read(StoreItem::token)).value()->left == 40s);
  CHECK(text_of(second) == "a");
  CHECK(text_of(second, StoreItem::refresh_token) == "nothing");
  host.clock.advance(40s);
  CHECK(text_of(second) == "nothing");
}

TEST_CASE("credentials and items of one file do not touch each other, and what ended is dropped") {
  Host host;
  FileStore crm = host.store("crm");
  FileStore genesys = host.store("genesys");
  put(crm, "a", 10s);
  put(genesys, "b");
  REQUIRE(test::finished(crm.write(StoreItem::refresh_token, Secret("grant"), 1h)).has_value());
  CHECK(text_of(crm) == "a");
  CHECK(text_of(genesys) == "b");
  CHECK(text_of(crm, StoreItem::refresh_token) == "grant");
  host.clock.advance(10s);
  put(genesys, "c");
  const std::string content = test::content(host.path());
  CHECK((content.find("\"a\"") == std::string::npos));
  CHECK((content.find("\"b\"") == std::string::npos));
  CHECK((content.find("grant") != std::string::npos));
}

TEST_CASE("one process holds a credential, another one another credential") {
  Host host;
  FileStore first = host.store();
  FileStore second = host.store();
  FileStore other = host.store("genesys");
  CHECK(test::finished(first.try_hold()).value());
  CHECK_FALSE(test::finished(second.try_hold()).value());
  CHECK(test::finished(other.try_hold()).value());
  put(second, "written without a hold");
  let_go(first);
  CHECK(test::finished(second.try_hold()).value());
}

TEST_CASE("who names the store by a link and who names its file are at one store") {
  Host host;
  const std::string link = host.directory.path("elsewhere/store.json");
  std::filesystem::create_directory(host.directory.path("elsewhere"));
  std::filesystem::create_symlink("../store.json", link);  // before there is a file
  FileStore by_link(link, "crm", host.loop);
  FileStore by_file = host.store();
  CHECK(token::why_no_store(link).empty());
  put(by_link, "a");
  CHECK(text_of(by_file) == "a");
  CHECK(std::filesystem::is_symlink(link));
  CHECK(test::finished(by_link.try_hold()).value());
  CHECK_FALSE(test::finished(by_file.try_hold()).value());
  let_go(by_link);
  CHECK(test::finished(by_file.try_hold()).value());
  CHECK_FALSE(test::finished(FileStore(link, "crm", host.loop).try_hold()).value());
}

TEST_CASE("the file and its lock are their owner's alone") {
  Host host;
  FileStore store = host.store();
  put(store, "a");
  for (const char* end : {"", ".lock"}) {
    struct stat info {};
    REQUIRE(::stat((host.path() + end).c_str(), &info) == 0);
    CHECK((info.st_mode & 0777) == 0600);
  }
}

TEST_CASE("a file that is not ours alone, or no store, is not used and says why") {
  Host host;
  FileStore store = host.store();
  put(store, "a");
  SUBCASE("others can read it") {
    std::filesystem::permissions(host.path(), static_cast<std::filesystem::perms>(0640));
    CHECK(text_of(store).ends_with("can be read by other users: chmod 600 it"));
    CHECK(token::why_no_store(host.path()) == "can be read by other users: chmod 600 it");
    CHECK_FALSE(test::finished(store.write(StoreItem::token, Secret("b"), 60s)).has_value());
  }
  SUBCASE("it is a directory") {
    std::filesystem::remove(host.path());
    std::filesystem::create_directory(host.path());
    CHECK(token::why_no_store(host.path()) == "is not a regular file");
  }
  SUBCASE("it is something else") {
    for (const char* text : {"[]", "{", "{\"version\":2,\"entries\":{}}", "{\"version\":1}",
                             "{\"version\":1,\"entries\":{\"crm\":7}}",
                             "{\"version\":1,\"entries\":{\"crm\":{\"token\":{\"text\":\"a\"}}}}",
                             "{\"version\":1,\"entries\":{\"crm\":{\"token\":{\"text\":\"a\","
                             "\"ends_ms\":9223372036854775807}}}}"}) {
      CAPTURE(text);
      std::filesystem::permissions(host.directory.write("store.json", text),
                                   static_cast<std::filesystem::perms>(0600));
      CHECK(text_of(store).ends_with("is not a token store of this version: remove it"));
      CHECK_FALSE(test::finished(store.write(StoreItem::token, Secret("b"), 60s)).has_value());
    }
  }
  SUBCASE("its directory is missing") {
    CHECK(token::why_no_store(host.directory.path("none/store.json"))
              .starts_with("cannot be written: the directory "));
  }
}

TEST_CASE("a store that a loss of power cut short is set aside by the next read, and told") {
  Host host;
  FileStore store = host.store(), other = host.store("billing");
  put(other, "of billing");
  const std::string whole = test::content(host.path());
  for (const std::string& left : {std::string(whole.size(), '\0'), whole.substr(0, 30),
                                  whole.substr(0, 40) + std::string(whole.size() - 40, '\0')}) {
    CAPTURE(left);
    std::filesystem::permissions(host.directory.write("store.json", left),
                                 static_cast<std::filesystem::perms>(0600));
    const std::string said =
        test::captured(STDERR_FILENO, [&] { CHECK(text_of(store) == "nothing"); });
    CHECK(test::says(said, host.path() + ".corrupt"));
    put(store, "fresh");
    CHECK(text_of(store) == "fresh");
    CHECK(text_of(other) == "nothing");
    CHECK(test::content(host.path() + ".corrupt") == left);
  }
}

TEST_CASE("a store that is empty, or not there, may be used") {
  Host host;
  CHECK(token::why_no_store(host.path()).empty());
  std::filesystem::permissions(host.directory.write("store.json", ""),
                               static_cast<std::filesystem::perms>(0600));
  CHECK(token::why_no_store(host.path()).empty());
  FileStore store = host.store();
  CHECK(text_of(store) == "nothing");
}

TEST_CASE("a writer that is killed at any system call leaves the old content or the new") {
  bool alive = true;
  bool saw_old = false;
  bool saw_new = false;
  for (int stop = 0; alive; ++stop) {
    CAPTURE(stop);
    Host host;
    FileStore before = host.store();
    put(before, "old");
    alive = test::killed_at(stop, [&] {
      FileStore store = host.store();
      if (!test::finished(store.try_hold()).value()) ::_exit(3);
      if (!test::finished(store.write(StoreItem::token, Secret("new"), 60s))) ::_exit(4);
      let_go(store);
    });
    FileStore after = host.store();
    const std::string text = text_of(after);
    CHECK((text == "old" || text == "new"));
    saw_old |= text == "old";
    saw_new |= text == "new";
    CHECK(test::finished(after.try_hold()).value());
    put(after, "next");
    CHECK(text_of(after) == "next");
  }
  CHECK(saw_old);
  CHECK(saw_new);
}

TEST_CASE("a store whose JSON nests without end is refused before it takes memory") {
  Host host;
  std::ofstream(host.path()) << std::string(15u << 20, '[');
  std::filesystem::permissions(host.path(), std::filesystem::perms(0600));
  FileStore store = host.store();
  CHECK(text_of(store) == "error: the token store " + host.path() +
                              " is JSON that nests more than 64 levels deep: remove it");
}
