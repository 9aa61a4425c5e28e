#include "deploy/docs/config_schema.h"

#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

#include "config/option_table.h"
#include "tests/support/content.h"
#include "tests/support/source_tree.h"

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
