#include "config/client_secret_name.h"

#include <doctest/doctest.h>

using bearer::config::names_client_secret;

TEST_CASE("a client secret is known by its name, however it is spelled") {
  for (const char* name : {"client_secret", "client-secret", "clientSecret", "CLIENT_SECRET"}) {
    CAPTURE(name);
    CHECK(names_client_secret(name));
  }
  for (const char* name : {"client_secret_file", "secret", "clientsecrets", ""}) {
    CAPTURE(name);
    CHECK_FALSE(names_client_secret(name));
  }
}
