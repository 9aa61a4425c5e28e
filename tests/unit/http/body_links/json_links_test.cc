#include "http/body_links/json_links.h"

#include <doctest/doctest.h>

#include <nlohmann/json.hpp>
#include <random>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/text.h"

using namespace bearer::http;
using Json = nlohmann::ordered_json;

namespace {

constexpr std::string_view kProxy = "http://localhost:8080";

struct Route {
  Url upstream;
  std::string prefix = "/";
  bool strip_prefix = false;

  LinkMap map() const { return {upstream, prefix, strip_prefix, kProxy}; }
};

Route route(std::string_view upstream, std::string prefix = "/", bool strip_prefix = false) {
  return {parse_url(upstream).value(), std::move(prefix), strip_prefix};
}

const Route kApi = route("https://api.example.com");
const Route kCrm = route("https://crm.example.com/api/", "/crm/", true);

/// The text that goes out for the pieces, and how much was held back at most.
struct Rewritten {
  std::string text;
  std::size_t held_max = 0;
};

Rewritten rewrite(const Route& route, const std::vector<std::string_view>& pieces) {
  JsonLinks links(to_proxy(route.map()));
  Rewritten result;
  std::size_t in_bytes = 0, passed = 0;
  for (std::string_view piece : pieces) {
    while (!piece.empty()) {
      const JsonLinks::Step step = links.next(piece);
      REQUIRE(step.consumed + step.other.size() > 0);
      REQUIRE(step.other.size() <= JsonLinks::kOtherBytesMax);
      result.text.append(step.same).append(step.other);
      piece.remove_prefix(step.consumed);
      in_bytes += step.consumed;
      // As long as nothing was changed, what is missing from the text is what is held back.
      passed += step.same.size() + step.other.size();
      if (in_bytes > passed) result.held_max = std::max(result.held_max, in_bytes - passed);
    }
  }
  result.text.append(links.finish());
  CHECK(links.finish() == "");
  return result;
}

std::string rewrite(const Route& route, std::string_view json) {
  return rewrite(route, std::vector<std::string_view>{json}).text;
}

std::vector<std::string_view> cut(std::string_view text, std::size_t bytes) {
  std::vector<std::string_view> pieces;
  for (; !text.empty(); text.remove_prefix(std::min(bytes, text.size()))) {
    pieces.push_back(text.substr(0, bytes));
  }
  return pieces;
}

/// Whole, in two pieces at every place, and byte by byte.
void check(const Route& route, std::string_view json, std::string_view expected) {
  CAPTURE(json);
  CHECK(rewrite(route, json) == expected);
  for (std::size_t i = 1; i < json.size(); ++i) {
    CAPTURE(i);
    CHECK(rewrite(route, {json.substr(0, i), json.substr(i)}).text == expected);
  }
  CHECK(rewrite(route, cut(json, 1)).text == expected);
}

void check_untouched(const Route& route, std::string_view json) {
  check(route, json, json);
}

}  // namespace

TEST_CASE("a string value that is a URL of the upstream becomes one of the proxy's") {
  check(kApi, R"({"next":"https://api.example.com/v2/x?page=2#f"})",
        R"({"next":"http://localhost:8080/v2/x?page=2#f"})");
  check(kApi, R"({"a" : {"@odata.nextLink" :  "https://api.example.com/v2/x" , "b":1}})",
        R"({"a" : {"@odata.nextLink" :  "http://localhost:8080/v2/x" , "b":1}})");
  check(kApi,
        R"(["https://api.example.com/a","https://api.example.com/b", "https://api.example.com"])",
        R"(["http://localhost:8080/a","http://localhost:8080/b", "http://localhost:8080/"])");
  check(kApi, R"("https://api.example.com/a")", R"("http://localhost:8080/a")");
  check(kApi, "\"https://api.example.com/a\"\n", "\"http://localhost:8080/a\"\n");
  check(kApi, R"({"u":"https://api.example.com/u{?page}","v":"https://api.example.com/ü €"})",
        R"({"u":"http://localhost:8080/u{?page}","v":"http://localhost:8080/ü €"})");
}

TEST_CASE("scheme and host of a link are read in any case, the default port may be there") {
  check(kApi, R"(["HTTPS://API.Example.COM/V2","https://api.example.com:443/x"])",
        R"(["http://localhost:8080/V2","http://localhost:8080/x"])");
  check(kApi, R"(["http://api.example.com/x","http:\/\/api.example.com:80\/x"])",
        R"(["http://localhost:8080/x","http://localhost:8080\/x"])");
  check(route("http://[::1]:9000"), R"(["http://[::1]:9000/x","http://[::1]/x"])",
        R"(["http://localhost:8080/x","http://[::1]/x"])");
}

TEST_CASE("links elsewhere and other strings are left alone") {
  for (const char* value :
       {"", "h", "https", "https://", "https://api.example.co", "http://api.example.com:8080/x",
        "https://api.example.com:8443/x", "https://api.example.com.evil.com/x",
        "https://user@api.example.com/x", "https://api.example.com is our API", "/x",
        "//api.example.com/x", R"(\/x)", "see https://api.example.com/x",
        " https://api.example.com/x", R"(\"https://api.example.com/x)",
        R"(https:\\/\\/api.example.com/x)", R"(\\u0068ttps://api.example.com/x)"}) {
    check_untouched(kApi, R"({"a":")" + std::string(value) + R"(","b":[1,true,"h"]})");
  }
}

TEST_CASE("the inverse makes the proxy's links the upstream's") {
  const auto inverse = [](const Route& route, std::string_view json) {
    JsonLinks links(to_upstream(route.map().proxy_origin, [&](std::string_view link) {
      return upstream_address(link, route.map());
    }));
    std::string out;
    while (!json.empty()) {
      const JsonLinks::Step step = links.next(json);
      out.append(step.same).append(step.other);
      json.remove_prefix(step.consumed);
    }
    return out.append(links.finish());
  };
  CHECK(inverse(kApi, R"({"@odata.bind":"http:\/\/LocalHost:8080\/users\/7"})") ==
        R"({"@odata.bind":"https://api.example.com\/users\/7"})");
  CHECK(inverse(kCrm, R"(["http://localhost:8080/crm/x","http://localhost:8080/other"])") ==
        R"(["https://crm.example.com/api/x","http://localhost:8080/other"])");
  CHECK(inverse(kApi, R"(["http://localhost:80800/x","http://localhost:8080@evil.example/"])") ==
        R"(["http://localhost:80800/x","http://localhost:8080@evil.example/"])");
}

TEST_CASE("documents on lines, or in a sequence, are rewritten alike") {
  check(kApi, "{\"a\":\"https://api.example.com/x\"}\n{\"a\":\"https://api.example.com/y\"}\r\n",
        "{\"a\":\"http://localhost:8080/x\"}\n{\"a\":\"http://localhost:8080/y\"}\r\n");
  check(kApi, "\"https://api.example.com/x\"\n\"https://api.example.com/y\"\n",
        "\"http://localhost:8080/x\"\n\"http://localhost:8080/y\"\n");
  check(kApi, "\x1e{\"a\":\"https://api.example.com/x\"}\n\x1e\"https://api.example.com/y\"\n",
        "\x1e{\"a\":\"http://localhost:8080/x\"}\n\x1e\"http://localhost:8080/y\"\n");
}

TEST_CASE("an object's keys are left alone") {
  check_untouched(kApi, R"({"https://api.example.com/a":1,"https://api.example.com/b" :{}})");
  check_untouched(kApi, "{\"https://api.example.com/a\" \t\r\n : 1}");
  check(kApi, R"({"https://api.example.com/a":"https://api.example.com/a"})",
        R"({"https://api.example.com/a":"http://localhost:8080/a"})");
}

TEST_CASE("base path and route prefix of a link are held to the rules of Location") {
  check(
      kCrm,
      R"(["https://crm.example.com/api/v2","https://crm.example.com/api","https://crm.example.com/apis",
            "https://crm.example.com/api/?q","https://crm.example.com/api#f","https://crm.example.com/",
            "https://crm.example.com/api/../x","https://crm.example.com/api?u=/../.."])",
      R"(["http://localhost:8080/crm/v2","http://localhost:8080/crm/","https://crm.example.com/apis",
            "http://localhost:8080/crm/?q","http://localhost:8080/crm/#f","https://crm.example.com/",
            "https://crm.example.com/api/../x","http://localhost:8080/crm/?u=/../.."])");
  check(route("https://crm.example.com", "/crm/"),
        R"(["https://crm.example.com/crm/x","https://crm.example.com/other"])",
        R"(["http://localhost:8080/crm/x","https://crm.example.com/other"])");
}

TEST_CASE("a link's escapes are understood, and kept behind its beginning") {
  check(kApi, R"({"next":"https:\/\/api.example.com\/v2\/x"})",
        R"({"next":"http://localhost:8080\/v2\/x"})");
  check(kApi, R"(["\u0068ttps\u003a\u002f\u002Fapi.example.com\u002fx\u00e9\ud83d\ude00\n\"y"])",
        R"(["http://localhost:8080\u002fx\u00e9\ud83d\ude00\n\"y"])");
  check(kCrm, R"(["https:\/\/crm.example.com\/api\/v2\/\u0041"])",
        R"(["http://localhost:8080/crm\/v2\/\u0041"])");
  check(kCrm, R"(["https://crm.example.com/api/\u002e\u002e/x"])",
        R"(["https://crm.example.com/api/\u002e\u002e/x"])");
}

TEST_CASE("a prefix that needs escapes gets them") {
  check(route("https://crm.example.com", R"(/a"b)", true), R"(["https://crm.example.com/x"])",
        R"(["http://localhost:8080/a\"b/x"])");
}

TEST_CASE("what is no JSON passes as it is") {
  for (const char* text :
       {"", "\"", "\"\"\"", "\\", "\"\\", "\"h\\", R"("https://api.example.com/)",
        R"({"next":"https://api.exam)", R"({"next":"https:\/)", R"({"next":"https:\u00)",
        R"(["https://api.example.com/x\q"])", R"(["https://api.example.com/\u12g4"])",
        R"(["\u006"])", R"(["\u0068ttps://api.example.com/\u00"])", "]]}}::,,",
        "https://api.example.com/x", "\x01\xff\xfe"}) {
    check_untouched(kApi, text);
  }
}

TEST_CASE("a link that no request line could hold is left alone, however it was cut") {
  const std::string beginning = R"(["https://api.example.com/)";
  const std::string end = R"("])";
  for (const std::size_t more : {0U, 1U}) {
    const std::size_t rest = kLinkBytesMax + more - (beginning.size() - 2) - 1;
    for (const std::string& filled :
         {std::string(rest, 'x') + "\"",
          std::string(rest - 100, 'x') + "\"" + std::string(100, ' ')}) {
      const std::string json = beginning + filled + "]";
      const std::string expected = more == 0 ? R"(["http://localhost:8080/)" + filled + "]" : json;
      for (const std::size_t bytes : {json.size(), json.size() - 1, json.size() - 2, std::size_t{7},
                                      std::size_t{1}, std::size_t{4096}}) {
        CAPTURE(bytes);
        const Rewritten result = rewrite(kApi, cut(json, bytes));
        CHECK(result.text == expected);
        CHECK(result.held_max <= kLinkBytesMax);
      }
    }
  }
}

TEST_CASE("only what may be the beginning of a link is held back") {
  CHECK(rewrite(kApi, cut(R"({"say":"hello, world","x":"https:/ no","u":"\u0069"})", 1)).held_max ==
        std::string_view("https:/").size());
  CHECK(rewrite(kApi, cut(R"([1,2,"\\\"","abc"])", 1)).held_max <= 1);
}

namespace {

class Dice {
 public:
  explicit Dice(unsigned seed) : engine_(seed) {}
  std::size_t below(std::size_t limit) {
    return std::uniform_int_distribution<std::size_t>(0, limit - 1)(engine_);
  }
  template <typename T>
  const T& of(const std::vector<T>& all) {
    return all[below(all.size())];
  }

 private:
  std::mt19937 engine_;
};

const std::vector<std::string> kBeginnings = {"https://crm.example.com/api",
                                              "https://crm.example.com",
                                              "HTTPS://Crm.example.com:443/api",
                                              "https://crm.example.com/ap",
                                              "https://crm.example.com:1/a",
                                              "http://crm.example.com/api",
                                              "//crm.example.com/api",
                                              "/api",
                                              "h",
                                              "https://crm.example.org",
                                              "",
                                              "https://crm.example.com/api/../x"};
const std::vector<std::string> kEnds = {"",  "/",    "/v2/x?page=2#f", "?q=\"\\", "\n/é€😀",
                                        "s", "#/..", "/a/./b/../c",    "/%2e%2e", "\\"};

std::string random_text(Dice& dice) {
  return dice.of(kBeginnings) + dice.of(kEnds);
}

Json random_json(Dice& dice, int depth) {
  const std::size_t kind = dice.below(depth > 0 ? 8 : 5);
  if (kind < 3) return random_text(dice);
  if (kind == 3) return dice.below(1000);
  if (kind == 4) return nullptr;
  Json json = kind == 5 ? Json::array() : Json::object();
  for (std::size_t i = dice.below(6); i > 0; --i) {
    if (json.is_array()) {
      json.push_back(random_json(dice, depth - 1));
    } else {
      json[random_text(dice)] = random_json(dice, depth - 1);
    }
  }
  return json;
}

/// Characters of strings written in other ways that mean the same, blanks between the tokens.
std::string respell(Dice& dice, const std::string& json) {
  constexpr std::string_view kHex = "0123456789abcdef0123456789ABCDEF";
  std::string out;
  bool inside = false;
  for (std::size_t i = 0; i < json.size(); ++i) {
    const char c = json[i];
    if (inside && c == '\\') {
      out.append(json, i++, 2);
    } else if (inside && c == '/' && dice.below(3) == 0) {
      out += "\\/";
    } else if (inside && c > ' ' && c < 0x7f && c != '"' && dice.below(12) == 0) {
      const std::size_t upper = 16 * dice.below(2);
      const auto code = static_cast<unsigned char>(c);
      out += "\\u00";
      out += kHex[upper + code / 16];
      out += kHex[upper + code % 16];
    } else {
      if (c == '"') inside = !inside;
      out += c;
      if (!inside && !bearer::base::is_digit(c) && c != 'n' && c != 'u' && c != 'l') {
        out.append(dice.below(3) == 0 ? dice.below(3) : 0, dice.of<char>({' ', '\t', '\r', '\n'}));
      }
    }
  }
  return out;
}

/// The slow way: with a parser.
void rewrite_values(Json& json, const LinkMap& map) {
  if (json.is_structured()) {
    for (Json& child : json) rewrite_values(child, map);
  } else if (json.is_string()) {
    const auto& text = json.get_ref<const std::string&>();
    if (!bearer::base::istarts_with(text, "http")) return;
    if (auto target = rewrite_location(text, map)) json = *target;
  }
}

}  // namespace

TEST_CASE("random documents in random pieces become what a parser makes of them") {
  for (unsigned seed = 0; seed < 3000; ++seed) {
    CAPTURE(seed);
    Dice dice(seed);
    Json document = random_json(dice, 5);
    const std::string text = respell(dice, document.dump());
    REQUIRE(Json::parse(text) == document);
    rewrite_values(document, kCrm.map());

    const std::string whole = rewrite(kCrm, text);
    CHECK(Json::parse(whole) == document);
    for (const std::size_t bytes_max : {1U, 3U, 40U, 1000U}) {
      std::vector<std::string_view> pieces;
      for (std::string_view rest = text; !rest.empty();) {
        pieces.push_back(rest.substr(0, 1 + dice.below(bytes_max)));
        rest.remove_prefix(pieces.back().size());
      }
      CHECK(rewrite(kCrm, pieces).text == whole);
    }
  }
}
