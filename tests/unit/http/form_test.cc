#include "http/form.h"

#include <doctest/doctest.h>

#include <array>

using namespace bearer::http;

TEST_CASE("form encoding keeps what the standard keeps and escapes every other byte") {
  CHECK(form_encode("") == "");
  CHECK(form_encode("AZaz09*-._") == "AZaz09*-._");
  CHECK(form_encode("a b") == "a+b");
  CHECK(form_encode("~!+&=%/:") == "%7E%21%2B%26%3D%25%2F%3A");
  CHECK(form_encode(std::string_view("\0\n\x7f\xff", 4)) == "%00%0A%7F%FF");
  // The example of RFC 6749 appendix B.
  CHECK(form_encode(" %&+£€") == "+%25%26%2B%C2%A3%E2%82%AC");
}

TEST_CASE("a form lists its fields in the order given") {
  const std::array<FormField, 3> fields{
      {{"grant_type", "client_credentials"}, {"scope", "a:b c"}, {"empty", ""}}};
  CHECK(form_encode(fields) == "grant_type=client_credentials&scope=a%3Ab+c&empty=");
  CHECK(form_encode(std::span<const FormField>()) == "");
}
