#include "config/file.h"

#include <doctest/doctest.h>

#include "tests/unit/config/configuring.h"

using namespace bearer::config;

TEST_CASE("what is wrong with a file is said with its place") {
  struct Case {
    std::string_view json, error;
  };
  const std::string kDeep = "// any number\n" + std::string(1u << 20, '[');
  const Case cases[] = {
      {"", "b.json:1:1: not JSON: "},
      {"{", "b.json:1:1: not JSON: "},
      {"{\n\"listen\": \"a:1\",\n}", "b.json:3:1: not JSON: "},
      {"{\n  \"listen\": oops\n}", "b.json:2:13: not JSON: "},
      {"[]", "b.json: not a JSON object"},
      {kDeep, "b.json: it is JSON that nests "},
      {R"({"lisen": "x"})", "b.json: unknown key \"lisen\""},
      {R"({"credential": {}})", "b.json: credential cannot stand here; "},
      {R"({"config": "x"})", "b.json: unknown key \"config\""},
      {R"({"client_secret": "x"})", "b.json: client_secret: "},
      {R"({"threads": 1, "threads": 2})", "b.json: the key \"threads\" "},
      {R"({"threads": "2"})", "threads = \"2\" (from b.json): "},
      {R"({"threads": 1.5})", "threads = \"1.5\" (from b.json): "},
      {R"({"threads": -1})", "threads = \"-1\" (from b.json): "},
      {R"({"allow_remote": "true"})", "allow_remote = \"true\" (from b.json): "},
      {R"({"scope": 1})", "scope = 1 (from b.json): "},
      {R"({"scope": null})", "scope = null (from b.json): "},
      {R"({"scope": ["a"]})", "scope = (array) (from b.json): "},
      {R"({"listen": []})", "listen = [] (from b.json): "},
      {R"({"listen": [1]})", "listen = 1 (from b.json): "},
      {R"({"allow_uid": [0, "1000", true]})", "allow_uid = true (from b.json): "},
      {R"({"allow_uid": [1.5]})", "allow_uid = \"1.5\" (from b.json): "},
      {R"({"allow_uid": -1})", "allow_uid = \"-1\" (from b.json): "},
      {R"({"allow_uid": ["any", 1]})", "allow_uid = \"any\" (from b.json): "},
      {R"({"refresh_margin": -1})", "refresh_margin = \"-1\" (from b.json): "},
      {R"({"credentials": []})", "b.json: credentials "},
      {R"({"credentials": {}})", "b.json: credentials "},
      {R"({"credentials": {"a b": {}}})", "b.json: credentials: the name \"a b\""},
      {R"({"credentials": {"a": 1}})", "b.json: credentials.a "},
      {R"({"credentials": {"a": {"listen": "x"}}})", "b.json: credentials.a: listen "},
      {R"({"credentials": {"a": {"max_retries": 1}}})", "b.json: credentials.a: max_retries "},
      {R"({"credentials": {"a": {"client_secret": "x"}}})",
       "b.json: credentials.a.client_secret: "},
      {R"({"routes": {}})", "b.json: routes "},
      {R"({"routes": []})", "b.json: routes "},
      {R"({"routes": [1]})", "b.json: routes[0] "},
      {R"({"routes": [{"hots": "x"}]})", "b.json: routes[0]: unknown key \"hots\""},
      {R"({"routes": [{"client_id": "x"}]})", "b.json: routes[0]: client_id "},
  };
  for (const Case& c : cases) {
    CAPTURE(c.json);
    Configuring configuring = with_file(std::string(c.json));
    configuring.arguments.insert(configuring.arguments.end(),
                                 {"--preset", "genesys", "--client-id", "a"});
    const std::string errors = configuring.errors();
    CAPTURE(errors);
    CHECK(errors.starts_with(c.error));
    CHECK(errors.find('\n') == std::string::npos);
  }
}

TEST_CASE("a user's number may be written as a number and as a string") {
  const Configuring written =
      with_file(R"({"preset": "genesys", "client_id": "a", "allow_uid": [65534, "1000"]})");
  CHECK(written.errors() == "");
  CHECK(written.settings().service.allowed_uids == std::vector{65534u, 1000u});
}

TEST_CASE("comments are allowed, and the order of credentials is kept") {
  ConfigErrors problems;
  const FileSettings file =
      parse_file("// one\n{\"credentials\": {\"z\": {}, /* two */ \"a\": {\"scope\": \"s\"}}}",
                 "b.json", problems);
  CHECK(problems.none());
  REQUIRE(file.credentials.size() == 2);
  CHECK(file.credentials[0].name == "z");
  CHECK(file.credentials[1].label == "credentials.a");
  CHECK(file.credentials[1].values.at("scope").block == "credentials.a");
}

TEST_CASE("a number that no type can hold is a fault of the file") {
  ConfigErrors problems;
  parse_file(R"({"max_retries": 1e999})", "b.json", problems);
  CHECK_THROWS_AS(problems.throw_if_any(), ConfigError);
}

TEST_CASE("a key may stand once in each block") {
  ConfigErrors problems;
  parse_file(R"({"scope": "a", "credentials": {"x": {"scope": "b"}, "y": {"scope": "c"}}})",
             "b.json", problems);
  CHECK(problems.none());
}
