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
