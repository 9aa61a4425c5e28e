#include "base/secret.h"

#include <doctest/doctest.h>

#include <sstream>

using bearer::base::Secret;

TEST_CASE("a secret prints as stars") {
  std::ostringstream out;
  out << Secret("hunter2");
  CHECK(out.str() == "***");
}

TEST_CASE("a quoted secret is taken out, wherever and however often it is said") {
  struct Case {
    std::string secret, said, left;
  };
  const std::string token = "eyJhbGciOiJIUzI1NiJ9.e30.c2lnbmF0dXJl";
  const Case cases[] = {
      {"hunter2", "the secret hunter2 is wrong", "the secret *** is wrong"},
      {"hunter2", "hunter2hunter2", "******"},
      {"hunter2", "the hunter is out", "the hunter is out"},
      {"", "nothing is hidden", "nothing is hidden"},
      {"hunter2", "", ""},
      {token, "bad token " + token + "!", "bad token ***!"},
      {token, "bad token " + token.substr(0, 20), "bad token ***"},
      {token, token.substr(0, 12) + "x", "***x"},
      {token, token.substr(0, 11) + "!", token.substr(0, 11) + "!"},
      {token, "cut short: " + token.substr(0, 4), "cut short: ***"},
      {token, "too short: " + token.substr(0, 3), "too short: " + token.substr(0, 3)},
      {"s\xc3\xa4gewerk", "shown as s??gewerk", "shown as ***"},
      // The rest of the words around it would tell a shorter one.
      {"abcd", "an abcd in abcdef", "an *** in ***ef"},
      {"abc", "an abc in abcdef", "an abc in abcdef"},
      {"*", "a * b", "a * b"},
  };
  for (const Case& c : cases) {
    CAPTURE(c.left);
    std::string text = c.said;
    Secret(c.secret).redact(text);
    CHECK(text == c.left);
  }
}
