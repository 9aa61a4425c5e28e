#include "base/json_mistake.h"

#include <doctest/doctest.h>

#include <string>

using bearer::base::json_mistake;

TEST_CASE("the usual mistakes in JSON are told in words") {
  struct Case {
    std::string text;
    std::size_t offset;  ///< where the reader gives up
    const char* says;
  };
  const Case cases[] = {
      {"{\"a\": 1,}", 8, "a comma too many before the closing bracket"},
      {"[1, // last\n]", 12, "a comma too many before the closing bracket"},
      {"{\"a\": 1,, \"b\": 2}", 8, "a comma too many"},
      {"{, \"b\": 2}", 1, "a comma too many"},
      {"{\"a\": \"x\" \"b\": 2}", 12, "a comma is missing"},
      {"{\"a\": {} \"b\": 2}", 10, "a comma is missing"},
      {"{\"a\": tru \"b\": 2}", 12, "a comma is missing"},
      {"{\"a\" 1}", 5, "a colon behind a name"},
      {"{ # mine\n\"a\": 1}", 2, "a comment begins with //"},
      {"{'a': 1}", 1, "double quotes"},
      {"{\"a\": [1, 2", 11, "ends before its last"},
      {"", 0, "ends before its last"},
  };
  for (const Case& c : cases) {
    CAPTURE(c.text);
    CHECK(json_mistake(c.text, c.offset).find(c.says) != std::string::npos);
  }
}

TEST_CASE("a comma, a quote or a bracket within text or a comment misleads nobody") {
  CHECK(json_mistake("{\"a,]\": \"}\\\"\",}", 14).find("too many") != std::string::npos);
  CHECK(json_mistake("{/* , */ \"a\": 1 // ,\n \"b\": 1}", 24).find("is missing") !=
        std::string::npos);
}

TEST_CASE("another mistake is none of these, and no text of the file is shown") {
  CHECK(json_mistake("{\"a\": hush}", 6).empty());
  CHECK(json_mistake("{\"a\": \"hush\nmore\"}", 6).find("hush") == std::string::npos);
  for (std::size_t offset = 0; offset < 40; ++offset) json_mistake("{\"a\": [1, {\"b\\", offset);
}
