#include "config/presets.h"

#include <doctest/doctest.h>

#include "tests/unit/config/configuring.h"

using namespace bearer;
using namespace bearer::config;

TEST_CASE("genesys needs an id and a secret, and nothing else") {
  const Configuring configuring{
      .arguments = {"--preset", "genesys"},
      .environment = {{"GENESYS_CLIENT_ID", "id"}, {"GENESYS_CLIENT_SECRET", "s"}}};
  const Settings settings = configuring.settings();
  CHECK(settings.routes.at(0).upstream.text() == "https://api.mypurecloud.com");
  const token::CredentialOptions& credential = settings.credentials.at(0);
  CHECK(credential.token_url.text() == "https://login.mypurecloud.com/oauth/token");
  CHECK(credential.client_id == "id");
  CHECK(credential.client_secret == base::Secret("s"));
  CHECK(credential.auth_method == token::ClientAuth::client_secret_basic);
  CHECK(credential.refresh_margin == std::chrono::seconds(300));
}

TEST_CASE("each public region of genesys has its own hosts") {
  const std::span<const std::string_view> regions = find_preset("genesys")->regions;
  CHECK(regions.size() == 18);
  for (const std::string_view region : regions) {
    CAPTURE(region);
    const Settings settings =
        Configuring{.arguments = {"--preset", "genesys", "--region", std::string(region)},
                    .environment = {{"GENESYS_CLIENT_ID", "id"}, {"GENESYS_CLIENT_SECRET", "s"}}}
            .settings();
    CHECK(settings.routes.at(0).upstream.host == "api." + std::string(region));
    CHECK(settings.credentials.at(0).token_url.host == "login." + std::string(region));
  }
}

TEST_CASE("a region that is not known gets no secret, and the nearest one is named") {
  const std::string errors =
      complete_with({"--preset", "genesys", "--region", "mypurecloud.dee"}).errors();
  CHECK(errors ==
        "region = \"mypurecloud.dee\" (from --region): not a region of genesys; did you mean "
        "mypurecloud.de? (for a region that is not built in, set upstream and token_url without a "
        "preset)");
}

TEST_CASE("a preset's own variables are not looked at without the preset") {
  const Configuring configuring{.environment = {{"GENESYS_CLIENT_ID", "id"}}};
  CHECK(configuring.errors().find("client_id is not set") != std::string::npos);
}
