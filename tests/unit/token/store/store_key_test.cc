#include "token/store/store_key.h"

#include <doctest/doctest.h>

#include <filesystem>
#include <string>

#include "tests/support/temporary_directory.h"

using namespace bearer;
using token::StoreKey;

namespace {

constexpr const char* kBase64 = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
constexpr const char* kHex = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";

struct Keys {
  test::TemporaryDirectory directory;

  std::string file(std::string_view content, unsigned mode = 0600) const {
    const std::string path = directory.write("key", content);
    std::filesystem::permissions(path, static_cast<std::filesystem::perms>(mode));
    return path;
  }
  StoreKey key(std::string_view content = kBase64) const {
    auto read = StoreKey::read(file(content));
    REQUIRE(read.has_value());
    return std::move(*read);
  }
  std::string why_not(std::string_view content, unsigned mode = 0600) const {
    const auto read = StoreKey::read(file(content, mode));
    return read ? "" : read.error().sentence();
  }
};

}  // namespace

TEST_CASE("what was sealed is opened by the same key, in whatever form its file holds it") {
  const Keys keys;
  const std::string sealed = keys.key().seal(base::Secret("a token"), "crm token");
  CHECK((sealed.find("a token") == std::string::npos));
  for (const std::string& form :
       {std::string(kBase64), std::string(kBase64) + "\n", std::string(kHex),
        std::string("000102030405060708090A0B0C0D0E0F101112131415161718191A1B1C1D1E1F\n"),
        std::string("AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8")}) {
    CAPTURE(form);
    const auto opened = keys.key(form).open(sealed, "crm token");
    REQUIRE(opened.has_value());
    CHECK((opened->reveal() == "a token"));
  }
  const std::string both = "++++////++++////++++////++++////++++////++8=";
  const std::string url = "----____----____----____----____----____--8";
  CHECK(keys.key(url).open(keys.key(both).seal(base::Secret("t"), ""), "").has_value());
}

TEST_CASE("no other key, purpose or byte opens it") {
  const Keys keys;
  const StoreKey key = keys.key();
  const std::string sealed = key.seal(base::Secret("a token"), "crm token");
  CHECK_FALSE(key.open(sealed, "crm refresh_token").has_value());
  CHECK_FALSE(key.open(sealed, "genesys token").has_value());
  CHECK_FALSE(keys.key(std::string(64, 'a')).open(sealed, "crm token").has_value());
  for (std::size_t i = 0; i < sealed.size(); ++i) {
    CAPTURE(i);
    std::string changed = sealed;
    changed[i] = static_cast<char>(changed[i] ^ 1);
    CHECK_FALSE(key.open(changed, "crm token").has_value());
    CHECK_FALSE(key.open(sealed.substr(0, i), "crm token").has_value());
  }
  CHECK_FALSE(key.open(sealed + "x", "crm token").has_value());
}

TEST_CASE("the same text is never sealed to the same bytes") {
  const Keys keys;
  const StoreKey key = keys.key();
  CHECK((key.seal(base::Secret("t"), "p") != key.seal(base::Secret("t"), "p")));
  CHECK((key.seal(base::Secret(), "p").size() == key.seal(base::Secret("t"), "p").size() - 1));
}

TEST_CASE("a name depends on the text and on the key") {
  const Keys keys;
  const StoreKey key = keys.key();
  CHECK(key.name_for("a").size() == 16);
  CHECK(key.name_for("a") == key.name_for("a"));
  CHECK(key.name_for("a") != key.name_for("b"));
}

TEST_CASE("a key's file that will not do is an error that names the setting, and not the key") {
  const Keys keys;
  const struct {
    std::string content;
    unsigned mode;
    const char* why;
  } cases[] = {
      {kBase64, 0604, "can be read by every user: chmod o= it"},
      {"", 0600, "is empty"},
      {"c2hvcnQ=", 0600, "does not hold 32 bytes in base64 or hex"},
      {std::string(kBase64) + "AAAA", 0600, "does not hold 32 bytes"},
      {std::string(64, 'z'), 0600, "does not hold 32 bytes"},
      {std::string("first\nsecond"), 0600, "control character"},
  };
  for (const auto& c : cases) {
    const std::string why = keys.why_not(c.content, c.mode);
    CAPTURE(why);
    CHECK(why.find("token_store_key_file") != std::string::npos);
    CHECK(why.find(c.why) != std::string::npos);
    if (c.content.size() > 8) CHECK(why.find(c.content.substr(0, 8)) == std::string::npos);
  }
  CHECK(keys.why_not(kBase64, 0640).empty());  // a group's, as orchestrators mount secrets
  CHECK(
      StoreKey::read(keys.directory.path("none")).error().sentence().find("token_store_key_file") !=
      std::string::npos);
}
