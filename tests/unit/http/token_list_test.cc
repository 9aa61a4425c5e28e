#include "http/token_list.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

using namespace bearer::http;

TEST_CASE("a list is cut at its commas, without blanks and empty elements") {
  using Elements = std::vector<std::string>;
  const auto elements = [](std::string_view list) {
    Elements found;
    while (const auto element = next_element(list)) found.emplace_back(*element);
    return found;
  };
  CHECK(elements("") == Elements{});
  CHECK(elements(" ,\t, ,") == Elements{});
  CHECK(elements("a") == Elements{"a"});
  CHECK(elements("a,b") == Elements{"a", "b"});
  CHECK(elements(" a b ,,\tc\t,") == Elements{"a b", "c"});
}

TEST_CASE("a token is listed in any case, in any of the fields of the name, and as a whole") {
  FieldList fields;
  fields.push({"Connection", "Keep-Alive, x", FieldName::connection});
  fields.push({"TE", "gzip", FieldName::te});
  fields.push({"connection", "CLOSE", FieldName::connection});
  CHECK(lists(fields, FieldName::connection, "close"));
  CHECK(lists(fields, FieldName::connection, "keep-alive"));
  CHECK(lists(fields, FieldName::connection, "x"));
  CHECK(lists(fields, FieldName::te, "gzip"));
  CHECK_FALSE(lists(fields, FieldName::connection, "gzip"));
  CHECK_FALSE(lists(fields, FieldName::connection, "clos"));
  CHECK_FALSE(lists(fields, FieldName::connection, "keep"));
  CHECK_FALSE(lists(fields, FieldName::upgrade, "x"));
}
