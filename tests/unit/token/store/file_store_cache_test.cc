#include "token/store/file_store_cache.h"

#include <doctest/doctest.h>
#include <sys/stat.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <string>

#include "tests/support/content.h"
#include "tests/support/finished.h"
#include "tests/support/owned_clock.h"
#include "tests/support/temporary_directory.h"
#include "token/store/file_store.h"

using namespace bearer;
using namespace std::chrono_literals;
using base::Secret;
using token::FileStoreCache;
using token::FileStoreContent;
using token::StoreItem;

namespace {

FileStoreContent content_with(const std::string& text) {
  FileStoreContent content;
  content.set("crm", "token", {Secret(std::string(text)), base::WallTime(1h)});
  return content;
}

/// The text in the cache's file, or what is wrong.
std::string text_in(FileStoreCache& cache) {
  const auto content = cache.look();
  if (!content) return content.error().detail;
  const FileStoreContent::Entry* entry = (*content)->find("crm", "token");
  return entry ? std::string(entry->text.reveal()) : "nothing";
}

}  // namespace

TEST_CASE("a file that nobody has changed is parsed once, and what we wrote ourselves never") {
  const test::TemporaryDirectory directory;
  FileStoreCache cache(directory.path("store"));
  CHECK(text_in(cache) == "nothing");
  CHECK(cache.parses() == 0);  // there is no file
  REQUIRE(cache.replace(content_with("a")).has_value());
  for (int look = 0; look < 5; ++look) CHECK(text_in(cache) == "a");
  CHECK(cache.parses() == 0);
  FileStoreCache other(directory.path("store"));
  for (int look = 0; look < 5; ++look) CHECK(text_in(other) == "a");
  CHECK(other.parses() == 1);
}

TEST_CASE("what another process puts in the file's place is seen at the next look") {
  const test::TemporaryDirectory directory;
  FileStoreCache ours(directory.path("store")), others(directory.path("store"));
  REQUIRE(ours.replace(content_with("a")).has_value());
  // The same length, as fast as they can, so that inodes are given again.
  for (int i = 0; i < 50; ++i) {
    const std::string text = std::to_string(100 + i);
    REQUIRE(others.replace(content_with(text)).has_value());
    CHECK(text_in(ours) == text);
  }
  CHECK(ours.parses() == 50);
  std::filesystem::remove(directory.path("store"));
  CHECK(text_in(ours) == "nothing");
}

TEST_CASE("a file that is changed in place, or is ours alone no longer, is looked at again") {
  const test::TemporaryDirectory directory;
  const std::string path = directory.path("store");
  FileStoreCache cache(path);
  REQUIRE(cache.replace(content_with("a")).has_value());
  REQUIRE(::chmod(path.c_str(), 0644) == 0);
  CHECK(text_in(cache).find("can be read by other users") != std::string::npos);
  REQUIRE(::chmod(path.c_str(), 0600) == 0);
  CHECK(text_in(cache) == "a");
  const std::string text = test::content(path);
  std::ofstream(path) << "{}";  // in place, with the same inode
  CHECK(text_in(cache).find("is not a token store of this version") != std::string::npos);
  CHECK(text_in(cache).find("is not a token store of this version") != std::string::npos);
  std::ofstream(path) << text;
  CHECK(text_in(cache) == "a");
}

TEST_CASE("a replacement that fails leaves the old content") {
  const test::TemporaryDirectory directory;
  FileStoreCache cache(directory.path("store"));
  REQUIRE(cache.replace(content_with("a")).has_value());
  std::filesystem::create_directory(directory.path("store.new"));  // stops root, too
  CHECK_FALSE(cache.replace(content_with("b")).has_value());
  CHECK(text_in(cache) == "a");
}

TEST_CASE("a hundred credentials at one file parse it once, and each finds its own token") {
  constexpr std::size_t kCredentials = 100;
  const test::TemporaryDirectory directory;
  test::OwnedClock clock;
  net::Loop loop(clock);
  token::FileStoreCaches caches;
  token::FileStore before(directory.path("store"), "old", loop);  // another process's
  const Secret old_token("old-token");
  REQUIRE(test::finished(before.write(StoreItem::token, old_token, 1h)).has_value());
  std::vector<std::unique_ptr<token::FileStore>> stores;
  for (std::size_t i = 0; i < kCredentials; ++i) {
    stores.push_back(std::make_unique<token::FileStore>(
        directory.path("store"), "credential-" + std::to_string(i), loop, &caches));
    const Secret secret("token-" + std::to_string(i));
    CHECK_FALSE(test::finished(stores.back()->read(StoreItem::token)).value().has_value());
    REQUIRE(test::finished(stores.back()->write(StoreItem::token, secret, 1h)).has_value());
  }
  for (std::size_t i = 0; i < kCredentials; ++i) {
    const auto kept = test::finished(stores[i]->read(StoreItem::token)).value();
    REQUIRE(kept.has_value());
    CHECK(kept->text.reveal() == "token-" + std::to_string(i));
  }
  CHECK(caches.of(directory.path("store"))->parses() == 1);
  CHECK(test::finished(before.read(StoreItem::token)).value()->text == old_token);
}
