#include "config/option_table.h"

#include <doctest/doctest.h>

#include <set>

#include "tests/unit/config/configuring.h"

using namespace bearer;
using namespace bearer::config;

TEST_CASE("one name makes a setting's three spellings") {
  const Option* option = find_option("refresh-margin");
  REQUIRE(option != nullptr);
  CHECK(option->flag() == "--refresh-margin");
  CHECK(option->environment() == "BEARER_PROXY_REFRESH_MARGIN");
  CHECK(option->key() == "refresh_margin");
  CHECK(find_option("refresh") == nullptr);
}

TEST_CASE("each setting is in the table once, with a sentence of help") {
  std::set<std::string_view> names;
  for (const Option& option : option_table()) {
    CAPTURE(option.name);
    CHECK(names.insert(option.name).second);
    CHECK_FALSE(option.help.empty());
    CHECK(option.spellings != 0);
  }
}

TEST_CASE("the table's defaults are the defaults of the parts") {
  const Settings settings = complete().settings();
  const relay::RouteOptions route;
  REQUIRE(settings.routes.size() == 1);
  const relay::RouteOptions& read = settings.routes[0];
  CHECK(read.path == route.path);
  CHECK(read.host == route.host);
  CHECK(read.strip_prefix == route.strip_prefix);
  CHECK(read.credential == route.credential);
  CHECK(read.ca_file == route.ca_file);
  CHECK(read.rewrite_body_links == route.rewrite_body_links);
  CHECK(read.retry.max_retries == route.retry.max_retries);
  CHECK(read.retry.backoff_base == route.retry.backoff_base);
  CHECK(read.retry.backoff_max == route.retry.backoff_max);
  CHECK(read.retry.window == route.retry.window);
  CHECK(read.retry.unsafe == route.retry.unsafe);
  CHECK(read.retry.statuses == route.retry.statuses);
  CHECK(read.token_wait == route.token_wait);
  CHECK(read.replay_bytes_max == route.replay_bytes_max);
  CHECK(read.replay_memory_bytes_max == route.replay_memory_bytes_max);
  CHECK(read.connect_timeout == route.connect_timeout);
  CHECK(read.response_timeout == route.response_timeout);
  CHECK(read.idle_timeout == route.idle_timeout);
  CHECK(read.in_flight_max == route.in_flight_max);
  CHECK(read.pacing.on == route.pacing.on);
  CHECK(read.pacing.ceiling == route.pacing.ceiling);

  const token::CredentialOptions credential;
  REQUIRE(settings.credentials.size() == 1);
  CHECK(settings.credentials[0].name == credential.name);
  CHECK(settings.credentials[0].auth_method == credential.auth_method);
  CHECK(settings.credentials[0].basic_encoding == credential.basic_encoding);
  CHECK(settings.credentials[0].refresh_margin == credential.refresh_margin);
  CHECK(settings.credentials[0].connect_timeout == credential.connect_timeout);

  const relay::ServiceOptions service;
  CHECK(settings.service.connections_max == service.connections_max);
  CHECK(settings.service.request_fields_max == service.request_fields_max);
  CHECK(settings.service.threads == service.threads);
  CHECK(settings.service.drain_timeout == service.drain_timeout);
  CHECK(settings.service.access_log == service.access_log);
  CHECK(settings.service.access_log_query == service.access_log_query);
  CHECK(settings.log.format == base::LogOptions{}.format);
  CHECK(settings.log.level == base::LogOptions{}.level);
  CHECK(settings.listen == std::vector<net::Address>{{"127.0.0.1", 8080}});
  CHECK(settings.admin == net::Address{"127.0.0.1", 9180});
}

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

TEST_CASE("a suggestion is made only where it is near") {
  CHECK(did_you_mean("lisen", {"listen", "log"}) == "; did you mean listen?");
  CHECK(did_you_mean("zzzzzz", {"listen", "log"}) == "");
}
