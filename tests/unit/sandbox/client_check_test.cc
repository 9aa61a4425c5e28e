#include "tests/sandbox/client_check.h"

#include <doctest/doctest.h>

using namespace bearer::sandbox;

namespace {

const ClientOptions kClient{.id = "me:x", .secret = "s/e c+ret"};
const std::vector<Pair> kNoForm = {{"grant_type", "client_credentials"}};

}  // namespace

TEST_CASE("Basic carries form-encoded id and secret, unless raw bytes are asked for") {
  const char* form_encoded = "Basic bWUlM0F4OnMlMkZlK2MlMkJyZXQ=";  // me%3Ax:s%2Fe+c%2Bret
  CHECK(check_client(kClient, form_encoded, kNoForm) == ClientVerdict::accepted);

  const ClientOptions raw{.id = "me", .secret = "s/e c+ret", .basic_is_form_encoded = false};
  const char* raw_bytes = "Basic bWU6cy9lIGMrcmV0";  // me:s/e c+ret
  CHECK(check_client(raw, raw_bytes, kNoForm) == ClientVerdict::accepted);
  CHECK(check_client(raw, form_encoded, kNoForm) == ClientVerdict::wrong);
}

TEST_CASE("id and secret may come in the form") {
  const auto check = [](const char* id, const char* secret) {
    return check_client(kClient, "", {{"client_id", id}, {"client_secret", secret}});
  };
  CHECK(check("me:x", "s/e c+ret") == ClientVerdict::accepted);
  CHECK(check("me:x", "other") == ClientVerdict::wrong);
  CHECK(check("you", "s/e c+ret") == ClientVerdict::wrong);
}

TEST_CASE("what is wrong with other credentials is told apart") {
  CHECK(check_client(kClient, "", kNoForm) == ClientVerdict::missing);
  CHECK(check_client(kClient, "Basic bWU6eA==", kNoForm) == ClientVerdict::wrong);
  CHECK(check_client(kClient, "Basic bWU6eA==", {{"client_secret", "x"}}) ==
        ClientVerdict::ambiguous);
  CHECK(check_client(kClient, "Basic ???", kNoForm) == ClientVerdict::malformed);
  CHECK(check_client(kClient, "Basic bWU=", kNoForm) == ClientVerdict::malformed);  // no colon
  CHECK(check_client(kClient, "Bearer x", kNoForm) == ClientVerdict::malformed);
}
