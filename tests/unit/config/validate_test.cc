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
      {R"({"crm": {}, "hr": {}})", R"([{"credential": "crm"}, {"credential": "x", "path": "/h"}])",
       "routes[1].credential = \"x\" (from b.json): there is no such entry in credentials; known "
       "are crm, hr\ncredentials.hr: no route uses it; name it in a route's \"credential\", or "
       "leave it out"},
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

TEST_CASE("a route that names a credential where the file has none is the one that is blamed") {
  const auto errors = [](const std::string& routes) {
    return with_file(R"({"token_url": "https://l.example.com", "client_id": "c",
                         "upstream": "https://a.example.com", "routes": )" +
                     routes + "}")
        .errors();
  };
  CHECK(errors(R"([{"credential": "default"}])") == "");
  const std::string far = errors(R"([{"credential": "nope", "path": "/x"}])");
  CHECK(far.starts_with("routes[0].credential = \"nope\" (from b.json)"));
  CHECK(far.ends_with(" default"));
  const std::string near = errors(R"([{}, {"credential": "defualt", "path": "/x"}])");
  CHECK(near.starts_with("routes[1].credential = \"defualt\" (from b.json)"));
  CHECK(near.ends_with(" default?"));
}

TEST_CASE("an upstream that is the proxy itself is refused, however either is spelled") {
  const auto errors = [](const std::string& listen, const std::string& upstream) {
    Configuring configuring{
        .arguments = {"--upstream", upstream, "--listen", listen, "--token-url",
                      "https://login.example.com/token", "--client-id", "id", "--allow-remote"},
        .environment = {{"BEARER_PROXY_CLIENT_SECRET", "s3cret"}}};
    return configuring.errors();
  };
  struct Case {
    const char *listen, *upstream;
  };
  for (const Case& c :
       {Case{"127.0.0.1:8080", "http://127.0.0.1:8080/api"},
        Case{"127.0.0.1:8080", "http://localhost:8080"},
        Case{"localhost:8080", "http://127.0.0.1:8080"},
        Case{"localhost:8080", "http://LOCALHOST:8080"}, Case{"[::1]:80", "http://[::1]/"},
        Case{"[::1]:80", "http://localhost"}, Case{"0.0.0.0:8080", "http://127.0.0.1:8080"},
        Case{"0.0.0.0:8080", "http://127.0.0.2:8080"}, Case{"[::]:8080", "http://[::1]:8080"},
        Case{"127.0.0.1:8080", "http://localhost.:8080"},
        Case{"127.0.0.1:8080", "http://api.localhost:8080"},
        Case{"localhost.:8080", "http://127.0.0.1:8080"},
        Case{"127.0.0.1:8080", "http://[::ffff:127.0.0.1]:8080"},
        Case{"0.0.0.0:8080", "http://[::ffff:127.0.0.5]:8080"},
        Case{"0.0.0.0:8080", "http://LocalHost.:8080"},
        Case{"[::1]:8080", "http://[0:0:0:0:0:0:0:1]:8080"},
        Case{"[::]:8080", "http://[0::1]:8080"}, Case{"[::]:8080", "http://localhost.:8080"}}) {
    CAPTURE(c.listen);
    CAPTURE(c.upstream);
    const std::string said = errors(c.listen, c.upstream);
    CHECK(said.find("the proxy itself listens there") != std::string::npos);
    CHECK(said.starts_with("upstream = \"http://"));
  }
  for (const Case& c :
       {Case{"127.0.0.1:8080", "http://127.0.0.1:8081"},
        Case{"127.0.0.1:8080", "http://127.0.0.2:8080"},
        Case{"127.0.0.1:8080", "https://127.0.0.1:8080"},
        Case{"127.0.0.1:0", "http://127.0.0.1:80"}, Case{"0.0.0.0:8080", "http://[::1]:8080"},
        Case{"0.0.0.0:8080", "http://[0:0:0:0:0:0:0:1]:8080"},
        Case{"127.0.0.1:8080", "http://[::ffff:127.0.0.2]:8080"},
        Case{"127.0.0.1:8080", "https://localhost.example:8080"},
        Case{"unix:/run/p.sock", "http://127.0.0.1:8080"}}) {
    CAPTURE(c.listen);
    CAPTURE(c.upstream);
    CHECK(errors(c.listen, c.upstream) == "");
  }
  const std::string second =
      errors_of(R"({"a": {}})", R"([{}, {"path": "/x", "upstream": "http://localhost:8080"}])");
  CHECK(second.starts_with("routes[1].upstream = \"http://localhost:8080\": the proxy itself"));
}
