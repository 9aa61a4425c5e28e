// The log and the access log tell what happened.
#include <doctest/doctest.h>

#include <csignal>

#include <sstream>
#include <vector>

#include "tests/support/content.h"
#include "tests/support/raw_socket.h"
#include "tests/support/said.h"
#include "tests/support/temporary_directory.h"
#include "tests/support/terminal.h"
#include "tests/support/test_ca.h"
#include "tests/system/curl.h"
#include "tests/system/proxy.h"

using namespace bearer::test;
using Json = nlohmann::json;

namespace {

/// Each line as JSON; throws where one is not.
std::vector<Json> json_lines(const std::string& text) {
  std::vector<Json> parsed;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) parsed.push_back(Json::parse(line));
  return parsed;
}

constexpr const char* kInsufficientScope =
    "WWW-Authenticate=Bearer%20error%3D%22insufficient_scope%22";

}  // namespace

TEST_CASE("a fetched token is said with its expiry, lifetime and scope") {
  const Sandbox sandbox({"--token-lifetime", "600s"});
  Proxy proxy(sandbox, {"--scope", "users:read", "--log-format", "json"});
  const Json line = Json::parse(proxy.program().await_error("token fetched"));
  CHECK(line["level"] == "info");
  CHECK(line["message"] == "token fetched");
  CHECK(line["credential"] == "default");
  CHECK(line["generation"] == 1);
  CHECK(line["scope"] == "users:read");
  CHECK(line["lifetime_s"] <= 600);
  CHECK(line["lifetime_s"] >= 598);  // the token's own expiry is in whole seconds
  CHECK(line["renews_in_s"] < 480);
  CHECK(line["expires"].get<std::string>().ends_with("Z"));
}

TEST_CASE("every line of a JSON log is an object with time, level and message") {
  const Sandbox sandbox;
  Proxy proxy(sandbox, {"--log-format", "json", "--log-level", "debug", "--max-retries", "1",
                        "--backoff-base", "1ms"});
  curl({proxy.url("/status/503?a=%22quoted%22")});
  curl({proxy.url(std::string("/status/403?") + kInsufficientScope)});
  curl({"-H", "Host: \"evil\"", proxy.url("/")});
  curl({"--path-as-is", proxy.url("/%22/../..")});
  sandbox.revoke();
  curl({proxy.url("/api/v2/users")});
  const std::vector<Json> lines = json_lines(proxy.end());
  CHECK(lines.size() >= 8);
  for (const Json& line : lines) {
    CAPTURE(line.dump());
    CHECK(line.at("time").get<std::string>().ends_with("Z"));
    CHECK(line.at("level").is_string());
    CHECK(line.at("message").is_string());
  }
}

TEST_CASE("a retry is said with its reason and its wait, and the last one with the setting") {
  const Sandbox sandbox;
  Proxy proxy(sandbox, {"--max-retries", "2", "--backoff-base", "1ms", "--log-format", "json"});
  CHECK(curl({proxy.url("/status/503?q=hidden")}).status == 503);
  const std::string log = proxy.end();
  CHECK_FALSE(says(log, "hidden"));
  std::vector<Json> retries;
  Json last;
  for (const Json& line : json_lines(log)) {
    if (line["message"] == "retrying") retries.push_back(line);
    if (line["level"] == "warn") last = line;
  }
  REQUIRE(retries.size() == 2);
  for (std::size_t i = 0; i < 2; ++i) {
    CHECK(retries[i]["method"] == "GET");
    CHECK(retries[i]["path"] == "/status/503");
    CHECK(retries[i]["outcome"] == "503");
    CHECK(retries[i]["attempt"] == i + 1);
    CHECK(retries[i]["wait_s"] > 0);
  }
  CHECK(last["message"] == "retries are used up; see --max-retries");
  CHECK(last["attempt"] == 3);
}

TEST_CASE("a replay after a 401 is said, and why") {
  const Sandbox sandbox;
  Proxy proxy(sandbox);
  CHECK(curl({proxy.url("/api/v2/users")}).status == 200);
  sandbox.revoke();
  CHECK(curl({proxy.url("/api/v2/users")}).status == 200);
  const std::string log = proxy.end();
  CHECK(says(log, "the upstream answered 401: a new token is fetched credential=default"));
  CHECK(says(log,
             "the token was refused: the request is replayed once there is another method=GET "
             "path=/api/v2/users outcome=401 attempt=1"));
  CHECK(says(log, "generation=2"));
}

TEST_CASE("a refusal of the upstream names the setting to look at") {
  const Sandbox sandbox;
  Proxy proxy(sandbox);
  for (const int status : {401, 403}) {
    CAPTURE(status);
    const std::string target = "/status/" + std::to_string(status) + "?" + kInsufficientScope;
    const Reply reply = curl({proxy.url(target)});
    CHECK(reply.status == status);  // relayed as it is
    CHECK(reply.field("Proxy-Status") == "");
    CHECK(says(proxy.program().await_error("outcome=" + std::to_string(status)), "see --scope"));
  }
}

TEST_CASE("a refusal of the token endpoint names the setting to look at") {
  const Sandbox sandbox;
  Proxy proxy(Strings{"--upstream", sandbox.url()} + credential_of(sandbox),
              {"BEARER_PROXY_CLIENT_SECRET=another"});
  const std::string line = proxy.program().await_error("invalid_client");
  CHECK(says(line, "error"));
  CHECK(says(line, "the client is unknown or its secret is wrong"));
  CHECK(says(line, "its secret is from the environment: another one there needs a restart"));
  CHECK_FALSE(says(line, "file changes"));
  CHECK(says(line, "check client_id, BEARER_PROXY_CLIENT_SECRET, and auth_method"));
}

TEST_CASE("a token endpoint that is not trusted is said with the mend") {
  TestCa ca;
  const Leaf leaf = ca.leaf();
  const Sandbox sandbox({"--tls-cert", leaf.cert_file, "--tls-key", leaf.key_file});
  Proxy proxy(Strings{"--upstream", sandbox.url()} + credential_of(sandbox));
  CHECK(says(proxy.program().await_error("is not trusted"),
             "set ca_file if it is signed by a private authority"));
}

TEST_CASE("the access log is an object for each request, without its query") {
  const Sandbox sandbox;
  const TemporaryDirectory directory;
  const std::string file = directory.path("access.log");
  Proxy proxy(sandbox, {"--access-log", file, "--backoff-base", "1ms", "--max-retries", "1"});
  CHECK(curl({"-d", "hello", proxy.url("/echo?key=hidden")}).status == 200);
  CHECK(curl({proxy.url("/bytes/1000")}).status == 200);
  CHECK(curl({proxy.url("/status/503")}).status == 503);
  CHECK(curl({"-H", "Host: evil.example", proxy.url("/")}).status == 421);
  proxy.end();
  const std::string text = content(file);
  CHECK_FALSE(says(text, "hidden"));
  const std::vector<Json> lines = json_lines(text);
  REQUIRE(lines.size() == 4);
  CHECK(lines[0]["method"] == "POST");
  CHECK(lines[0]["path"] == "/echo");
  CHECK(lines[0]["route"] == "/");
  CHECK(lines[0]["status"] == 200);
  CHECK(lines[0]["attempts"] == 1);
  CHECK(lines[0]["request_bytes"] == 5);
  CHECK(lines[0]["whole"] == true);
  CHECK(lines[1]["response_bytes"] == 1000);
  CHECK(lines[2]["status"] == 503);
  CHECK(lines[2]["attempts"] == 2);
  CHECK(lines[3]["status"] == 421);
}

TEST_CASE("the access log shows queries where it is asked to, and goes to stdout as -") {
  const Sandbox sandbox;
  Proxy proxy(sandbox, {"--access-log", "-", "--access-log-query"});
  CHECK(curl({proxy.url("/echo?page=2")}).status == 200);
  proxy.end();
  const std::vector<Json> lines = json_lines(proxy.program().read_rest());
  REQUIRE(lines.size() == 1);
  CHECK(lines[0]["path"] == "/echo?page=2");
}

TEST_CASE("whoever stops reading the logs costs lines, not requests, nor the end") {
  const Sandbox sandbox;
  Proxy proxy(sandbox, {"--access-log", "-", "--log-level", "debug"});
  // More than two pipes hold, and the test reads neither meanwhile.
  const Reply last = curl({"-w", "%{http_code} ", "-o", "/dev/null", "-H", "Host: evil.example",
                           proxy.url("/?n=[1-600]")});
  CHECK(last.exit_status == 0);
  CHECK(curl({"-o", "/dev/null", proxy.url("/echo?n=[1-600]")}).exit_status == 0);
  CHECK(curl({proxy.url("/echo")}).status == 200);
  proxy.program().signal(SIGTERM);
  CHECK(proxy.program().wait() == 0);
}

TEST_CASE("an access log that cannot be written is a configuration error") {
  const Sandbox sandbox;
  const Finished finished =
      run(proxy_command(Strings{"--listen", "127.0.0.1:0", "--access-log", "/nowhere/access",
                                "--upstream", sandbox.url()} +
                        credential_of(sandbox)),
          kSandboxSecret);
  CHECK(finished.status == 2);
  CHECK(says(finished.err, R"(access_log = "/nowhere/access")"));
}

TEST_CASE("a request has one id, for the client's logs, the upstream's and ours") {
  const TemporaryDirectory directory;
  const std::string file = directory.path("access.log");
  const Sandbox sandbox;
  Proxy proxy(sandbox, {"--access-log", file});
  const auto id_seen = [](const Reply& reply) -> std::string {
    const Json echo = Json::parse(reply.body);
    for (const Json& field : echo["fields"]) {
      if (field[0] == "X-Request-Id") return field[1];
    }
    return "";
  };
  const std::string made = id_seen(curl({proxy.url("/echo")}));
  CHECK(made.size() == 32);
  CHECK(id_seen(curl({"-H", "X-Request-Id: of-the-job", proxy.url("/echo")})) == "of-the-job");
  const std::string trace = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
  CHECK(says(curl({"-H", "traceparent: " + trace, proxy.url("/echo")}).body, trace));
  const Reply refused = curl({"-H", "X-Request-Id: odd", "-H", "Host: evil", proxy.url("/")});
  CHECK(refused.status == 421);
  CHECK(refused.field("X-Request-Id") == "odd");
  CHECK(says(proxy.end(), "request_id=odd"));
  const std::vector<Json> lines = json_lines(content(file));
  REQUIRE(lines.size() == 4);
  CHECK(lines[0]["request_id"] == made);
  CHECK(lines[1]["request_id"] == "of-the-job");
  CHECK(lines[1]["token_generation"] == 1);
  CHECK(lines[3]["request_id"] == "odd");
}

TEST_CASE("a request that is refused before it has a route is in the access log too") {
  const TemporaryDirectory directory;
  const Sandbox sandbox;
  const std::string config = directory.write("c.json", R"({"routes": [{"path": "/crm/"}]})");
  Proxy proxy(sandbox, {"--config", config, "--access-log", directory.path("access.log"),
                        "--deny-method", "DELETE"});
  CHECK(curl({proxy.url("/nowhere?q=hidden")}).status == 404);
  CHECK(curl({"-H", "Origin: https://evil.example", proxy.url("/crm/a")}).status == 403);
  CHECK(curl({"-H", "Host: evil.example", proxy.url("/crm/b")}).status == 421);
  CHECK(curl({"-X", "DELETE", proxy.url("/crm/c")}).status == 403);
  CHECK(curl({"-H", "Transfer-Encoding: gzip", "-d", "x", proxy.url("/crm/d")}).status == 400);
  proxy.end();
  const std::vector<Json> lines = json_lines(content(directory.path("access.log")));
  REQUIRE(lines.size() == 5);
  const std::vector<std::pair<int, std::string>> expected = {
      {404, "/nowhere"}, {403, "/crm/a"}, {421, "/crm/b"}, {403, "/crm/c"}, {400, "/crm/d"}};
  for (std::size_t i = 0; i < lines.size(); ++i) {
    CAPTURE(lines[i].dump());
    CHECK(lines[i]["status"] == expected[i].first);
    CHECK(lines[i]["path"] == expected[i].second);
    CHECK(lines[i]["route"] == "");
    CHECK(lines[i]["attempts"] == 0);
    CHECK(lines[i]["request_id"].get<std::string>().size() == 32);
  }
  CHECK(lines[3]["method"] == "DELETE");
}

TEST_CASE("an answer of the proxy's own says how many attempts went before it") {
  const Sandbox sandbox;
  Proxy proxy("http://127.0.0.1:1", sandbox, {"--max-retries", "2", "--backoff-base", "1ms"});
  const Reply reply = curl({proxy.url("/")});
  CHECK(reply.status == 502);
  CHECK(reply.field("Bearer-Proxy-Attempts") == "3");
  CHECK(Json::parse(reply.body)["attempts"] == 3);
  CHECK(reply.field("X-Request-Id").size() == 32);
}

TEST_CASE("another protocol, and a head of bare line feeds, is named to client and log") {
  const Sandbox sandbox;
  Proxy proxy(sandbox);
  CHECK(curl({"-k", "https://" + proxy.authority() + "/"}).exit_status != 0);
  CHECK(says(proxy.program().await_error("answered by the proxy itself"), "TLS handshake"));
  RawSocket raw = RawSocket::connect(proxy.port());
  raw.send("GET /x HTTP/1.0\n\n");
  CHECK(says(proxy.program().await_error("answered by the proxy itself", 2), "CR LF"));
}

TEST_CASE("a reply to an upstream's fault names route, upstream and what to do") {
  TestCa ca;
  const Leaf leaf = ca.leaf();
  const Sandbox tls({"--tls-cert", leaf.cert_file, "--tls-key", leaf.key_file});
  const Sandbox sandbox;
  Proxy proxy(tls.url(), sandbox, {"--max-retries", "0"});
  const Json problem = Json::parse(curl({proxy.url("/")}).body);
  const std::string detail = problem["detail"];
  for (const std::string& part :
       Strings{"is not trusted", tls.url(), "route /", "set ca_file", "issued by"}) {
    CAPTURE(part);
    CHECK(says(detail, part));
  }
}

TEST_CASE("failures that are alike have a line for the first, second, fourth and so on") {
  const Sandbox sandbox;
  Proxy proxy("http://127.0.0.1:1", sandbox, {"--max-retries", "0", "--log-format", "json"});
  for (int i = 0; i < 9; ++i) CHECK(curl({proxy.url("/")}).status == 502);
  std::vector<int> times;
  for (const Json& line : json_lines(proxy.end())) {
    if (line["level"] == "warn" && line["message"] == "retries are used up; see --max-retries")
      times.push_back(line["times"]);
  }
  CHECK(times == std::vector<int>{1, 2, 4, 8});
}

TEST_CASE("a terminal that nobody reads costs lines; requests and SIGTERM go on") {
  const Sandbox sandbox;
  const Terminal terminal;
  Program proxy(Strings{"sh", "-c", "exec \"$0\" \"$@\" 2>&3 3>&-"} +
                    proxy_command(Strings{"--listen", "127.0.0.1:0", "--upstream", sandbox.url(),
                                          "--log-level", "debug"} +
                                  credential_of(sandbox)),
                kSandboxSecret, {terminal.fd()});
  const std::string said = proxy.read_line();
  REQUIRE(said.starts_with("listening on "));
  const std::string url = said.substr(std::string("listening on ").size());
  CHECK(curl({"-o", "/dev/null", url + "/echo?n=[1-400]"}).exit_status == 0);
  CHECK(curl({url + "/echo"}).status == 200);
  proxy.signal(SIGTERM);
  CHECK(proxy.wait() == 0);
  CHECK(says(terminal.read_some(), "token fetched"));
}
