#include "token/oauth/token_form.h"

#include <doctest/doctest.h>

#include <string>

using namespace bearer;

TEST_CASE("a form keeps its secrets, and encodes its fields in the order in which they came") {
  token::TokenForm form;
  form.add("a", "1 2");
  form.add("b", base::Secret("s&t"));
  form.add_unless_empty("c", "");
  form.add_unless_empty("d", "4");
  CHECK(form.encoded().reveal() == "a=1+2&b=s%26t&d=4");
  CHECK(form.value("b") == "s&t");
  CHECK(form.value("c") == "");
}

TEST_CASE("every secret that a form keeps is taken out of a server's words") {
  token::TokenForm form;
  form.add("b", base::Secret("tiger"));
  form.keep(base::Secret("wolf"));
  form.keep(base::Secret());
  form.add("id", "client");
  std::string text = "tiger and wolf and tiger of client";
  form.redact(text);
  CHECK(text == "*** and *** and *** of client");
}

TEST_CASE("in JSON a secret stays the text that it is, and a written parameter may be JSON") {
  token::TokenForm form;
  form.add("user", "{\"a\":1}");
  form.add("password", base::Secret("[1]"));
  form.add_written("list", base::Secret(R"(["x",2])"));
  form.add_written("plain", base::Secret("[open"));
  form.add_written("twice", base::Secret("{}"));
  form.add_written("twice", base::Secret("b"));
  CHECK(form.json().reveal() ==
        R"({"list":["x",2],"password":"[1]","plain":"[open","twice":[{},"b"],"user":"{\"a\":1}"})");
  CHECK(form.encoded().reveal() ==
        "user=%7B%22a%22%3A1%7D&password=%5B1%5D&list=%5B%22x%22%2C2%5D&plain=%5Bopen&twice=%7B%7D"
        "&twice=b");
  std::string said = "[open is wrong";
  form.redact(said);
  CHECK(said == "*** is wrong");
}

TEST_CASE("a parameter that is an array and comes twice stays two values") {
  token::TokenForm form;
  form.add_written("p", base::Secret(R"(["a"])"));
  form.add_written("p", base::Secret("b"));
  CHECK(form.json().reveal() == R"({"p":["a","b"]})");
}
