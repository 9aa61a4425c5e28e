#include "config/validate.h"

#include <doctest/doctest.h>

#include "tests/unit/config/configuring.h"

using namespace bearer::config;

namespace {

std::string errors_of(const std::string& credentials, const std::string& routes) {
  return with_file(R"({"token_url": "https://l.example.com", "client_id": "c",
                       "upstream": "https://a.example.com",
                       "credentials": )" +
                   credentials + ", \"routes\": " + routes + "}")
      .errors();
}

}  // namespace

TEST_CASE("credentials and routes fit together, or it is said how they do not") {
  struct Case {
    const char *credentials, *routes, *error;
  };
  const Case cases[] = {
      {R"({"a": {}, "b": {}})", R"([{"credential": "a"}, {"path": "/b", "credential": "b"}])", ""},
      {R"({"crm": {}})", R"([{"credential": "cmr"}])",
       "routes[0].credential = \"cmr\" (from b.json): there is no such entry in credentials; did "
       "you "
       "mean crm?\ncredentials.crm: no route uses it; name it in a route's \"credential\", or "
       "leave "
       "it out"},
      {R"({"a": {}, "b": {}})", R"([{}])",
       "routes[0]: there are several credentials; name one with \"credential\""},
      {R"({"a": {}, "b": {}})", R"([{"credential": "a"}])",
       "credentials.b: no route uses it; name it in a route's \"credential\", or leave it out"},
      {R"({"a": {}})", R"([{"path": "/x"}, {"path": "/y"}, {"path": "/x/"}])",
       "routes[2] takes the same requests as routes[0]: path /x/"},
      {R"({"a": {}})", R"([{"host": "h"}, {"host": "H"}])",
       "routes[1] takes the same requests as routes[0]: path / of host h"},
      {R"({"a": {}})", R"([{"host": "h"}, {}])", ""},
  };
  for (const Case& c : cases) {
    CAPTURE(c.credentials);
    CAPTURE(c.routes);
    CHECK(errors_of(c.credentials, c.routes) == c.error);
  }
}
