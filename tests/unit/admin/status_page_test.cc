#include "admin/status_page.h"

#include <doctest/doctest.h>

#include "admin/page/assets.h"

using namespace bearer;

TEST_CASE("the page holds its style and its script, and names no other place to get anything") {
  const std::string page = admin::status_page().body;
  CHECK(page.find(admin::page::kStyle) != std::string::npos);
  CHECK(page.find(admin::page::kScript) != std::string::npos);
  CHECK(page.find("src=") == std::string::npos);
  CHECK(page.find("url(") == std::string::npos);
  CHECK(page.find("@import") == std::string::npos);
}

TEST_CASE(
    "the page's policy allows its own script and style and requests to its own origin alone") {
  const std::string policy = admin::status_page().policy;
  CHECK(policy.starts_with("default-src 'none'; connect-src 'self'; "));
  CHECK(policy.find("script-src 'sha256-") != std::string::npos);
  CHECK(policy.find("style-src 'sha256-") != std::string::npos);
  CHECK(policy.find("frame-ancestors 'none'") != std::string::npos);
  CHECK(policy.find("unsafe") == std::string::npos);
}

TEST_CASE("the page makes no markup of what it shows") {
  for (const char* way :
       {"innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval"}) {
    CAPTURE(way);
    CHECK(admin::page::kScript.find(way) == std::string_view::npos);
  }
}
