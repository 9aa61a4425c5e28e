#include "deploy/docs/config_schema.h"

#include <doctest/doctest.h>

#include <cstdint>
#include <nlohmann/json.hpp>
#include <regex>
#include <string>

#include "config/option_table.h"
#include "tests/support/content.h"
#include "tests/support/source_tree.h"
#include "tests/unit/config/configuring.h"

using namespace bearer;
using Json = nlohmann::json;

TEST_CASE("deploy/docs/config.schema.json is what the table of settings makes") {
  INFO("`make docs` writes the schema from the table.");
  CHECK(test::content(test::source_tree() / "deploy/docs/config.schema.json") ==
        docs::config_schema());
}

TEST_CASE("the schema has each key where the file may have it, and no other") {
  const Json schema = Json::parse(docs::config_schema());
  const Json& top = schema["properties"];
  const Json& route = top["routes"]["items"]["properties"];
  const Json& credential = top["credentials"]["additionalProperties"]["properties"];
  for (const config::Option& option : config::option_table()) {
    CAPTURE(option.name);
    CHECK(top.contains(option.key()) == option.can_be(config::kKey));
    if (option.can_be(config::kRouteKey)) CHECK(route.contains(option.key()));
  }
  CHECK_FALSE(top.contains("client_secret"));
  CHECK(route.contains("max_retries"));
  CHECK_FALSE(route.contains("listen"));
  CHECK(credential.contains("token_url"));
  CHECK_FALSE(credential.contains("upstream"));
  CHECK(top["allow_remote"]["type"] == "boolean");
  CHECK(top["listen"]["anyOf"][1]["type"] == "array");
  CHECK(schema["additionalProperties"] == false);
}

namespace {

/// What the program says of a configuration file with that member; empty if nothing.
std::string said_of(const std::string& key, const std::string& value) {
  return config::with_file(R"({"upstream": "https://api.example.com", "token_url":)"
                           R"("https://login.example.com/t", "client_id": "i", ")" +
                           key + "\": " + value + "}")
      .errors();
}

}  // namespace

TEST_CASE("the schema knows each word of a choice, as the program does") {
  const Json top = Json::parse(docs::config_schema())["properties"];
  int choices = 0;
  for (const config::Option& option : config::option_table()) {
    if (option.kind != config::Kind::choice) continue;
    CAPTURE(option.name);
    ++choices;
    std::string list;
    for (const Json& word : top[option.key()]["enum"]) {
      list += (list.empty() ? "" : ", ") + word.get<std::string>();
      CHECK(said_of(option.key(), word.dump()).find("not one of") == std::string::npos);
    }
    CHECK(said_of(option.key(), R"("elsewise")").find("not one of " + list) != std::string::npos);
  }
  CHECK(choices >= 10);
}

TEST_CASE("the schema bounds each count as the program does") {
  const Json top = Json::parse(docs::config_schema())["properties"];
  for (const config::Option& option : config::option_table()) {
    if (option.kind != config::Kind::count) continue;
    CAPTURE(option.name);
    const auto least = top[option.key()]["minimum"].get<std::int64_t>();
    const auto most = top[option.key()]["maximum"].get<std::int64_t>();
    for (const std::int64_t fine : {least, most}) {
      CHECK(said_of(option.key(), std::to_string(fine)) == "");
    }
    for (const std::int64_t wrong : {least - 1, most + 1}) {
      CHECK(said_of(option.key(), std::to_string(wrong)).find("not a whole number") !=
            std::string::npos);
    }
  }
}

TEST_CASE("the schema's forms of durations, sizes, statuses, users and URLs are the program's") {
  const Json top = Json::parse(docs::config_schema())["properties"];
  struct Row {
    const char* key;
    const char* text;
    bool fine;
  };
  for (const Row& row :
       {Row{"drain_timeout", "1.5s", true}, Row{"drain_timeout", "90", true},
        Row{"drain_timeout", "2m", true}, Row{"drain_timeout", "2 m", false},
        Row{"drain_timeout", "-2m", false}, Row{"drain_timeout", "2d", false},
        Row{"replay_max", "3MiB", true}, Row{"replay_max", "3MB", false},
        Row{"replay_max", "1.5MiB", false}, Row{"retry_status", "429, 5xx", true},
        Row{"retry_status", "302", false}, Row{"retry_status", "429;503", false},
        Row{"allow_uid", "any", true}, Row{"allow_uid", "1000", true},
        Row{"allow_uid", "root", false}, Row{"issuer", "https://a.example.com", true},
        Row{"issuer", "a.example.com", false}, Row{"issuer", "ftp://a.example.com", false}}) {
    CAPTURE(row.key);
    CAPTURE(row.text);
    const Json& property = top[row.key];
    const Json& one = property.contains("anyOf") ? property["anyOf"][0] : property;
    const std::regex form(one["pattern"].get<std::string>());
    CHECK(std::regex_search(row.text, form) == row.fine);
    CHECK((said_of(row.key, Json(row.text).dump()) == "") == row.fine);
  }
}
