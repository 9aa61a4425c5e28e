#include "app/environment_variable.h"

#include <doctest/doctest.h>

TEST_CASE("a variable that is taken is there once") {
  setenv("BEARER_TEST_VARIABLE", "value", 1);
  CHECK(bearer::app::take_variable("BEARER_TEST_VARIABLE") == "value");
  CHECK(getenv("BEARER_TEST_VARIABLE") == nullptr);
  CHECK(bearer::app::take_variable("BEARER_TEST_VARIABLE") == "");
}
