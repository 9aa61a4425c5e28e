// The sandbox's HTTP end, its process, and the batch jobs that prove what arrived.
#include <doctest/doctest.h>

#include <csignal>
#include <nlohmann/json.hpp>
#include <set>

#include "tests/support/source_tree.h"
#include "tests/system/curl.h"
#include "tests/system/program.h"
#include "tests/system/sandbox.h"

using namespace bearer::test;
using Json = nlohmann::json;

namespace {

constexpr const char* kBodySha256 =  // of "hello"
    "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824";

std::string job(const std::string& name) {
  return source_tree() / "tests/jobs" / name;
}

}  // namespace

TEST_CASE(
    "the sandbox ends at SIGTERM, at SIGINT and with its standard input, a client connected") {
  for (const int how : {SIGTERM, SIGINT, 0}) {
    CAPTURE(how);
    Sandbox sandbox;
    Program client({"curl", "-sN", "--noproxy", "*", sandbox.url("/delay/60000")});
    CHECK(curl({sandbox.url("/echo")}).status == 200);
    if (how != 0) {
      sandbox.program().signal(how);
    } else {
      sandbox.program().close_stdin();
    }
    CHECK(sandbox.program().wait() == 0);
  }
}

TEST_CASE("a flag that the sandbox does not know or cannot read is a usage error") {
  for (const std::vector<std::string>& flags :
       std::vector<std::vector<std::string>>{{"--bogus"},
                                             {"--port", "65536"},
                                             {"--token-lifetime", "3x"},
                                             {"--faults", "429=5"},
                                             {"--outage", "20s"},
                                             {"--cut-downloads", "5"},
                                             {"--links", "up"},
                                             {"--token-answers", "nope"},
                                             {"--tls-cert", "/dev/null"}}) {
    CAPTURE(flags[0]);
    std::vector<std::string> argv = {built("bearer-sandbox")};
    argv.insert(argv.end(), flags.begin(), flags.end());
    const Finished finished = run(argv);
    CHECK(finished.status == 2);
    CHECK(finished.out.empty());
    CHECK(finished.err.find(flags[0]) != std::string::npos);
  }
}

TEST_CASE("a body is read whole, with a length, in chunks, or not there at all") {
  const Sandbox sandbox;
  const auto echo = [&sandbox](std::vector<std::string> arguments) {
    arguments.push_back(sandbox.url("/echo"));
    return Json::parse(curl(arguments).body);
  };
  CHECK(echo({"-d", "hello"})["body_sha256"] == kBodySha256);
  CHECK(echo({"-X", "PUT", "-d", "hello"})["body_sha256"] == kBodySha256);
  CHECK(echo({"-H", "Transfer-Encoding: chunked", "-d", "hello"})["body_sha256"] == kBodySha256);
  CHECK(echo({"-X", "POST"})["body_size"] == 0);
  CHECK(echo({"-X", "DELETE"})["body_size"] == 0);
}

TEST_CASE("bytes come with a length or in chunks, and are the known pattern") {
  const Sandbox sandbox;
  const Reply counted = curl({sandbox.url("/bytes/200000")});
  CHECK(counted.field("Content-Length") == "200000");
  CHECK(
      counted.body.starts_with("0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXY01"));
  const Reply chunked = curl({sandbox.url("/chunked/200000")});
  CHECK(chunked.field("Transfer-Encoding") == "chunked");
  CHECK(counted.body.size() == 200000);
  CHECK(chunked.body == counted.body);
  CHECK(curl({sandbox.url("/chunked/0")}).body.empty());
}

TEST_CASE("a range of a file comes as asked for, and of what has no ranges the whole") {
  const Sandbox sandbox;
  const Reply part = curl({"-r", "60-62", sandbox.url("/bytes/200000")});
  CHECK(part.status == 206);
  CHECK(part.field("Content-Range") == "bytes 60-62/200000");
  CHECK(part.body == "Y01");
  const Reply whole = curl({"-r", "1-2", sandbox.url("/status/200")});
  CHECK(whole.status == 200);
  CHECK(whole.body == R"({"status":200})");
}

TEST_CASE("a download is cut where it is to be, by an end and by a reset, and goes on from there") {
  const Sandbox sandbox({"--cut-downloads", "times=8,seed=7"});
  std::string body;
  std::set<int> ends;
  for (int asked = 0; body.size() < 200000 && asked < 9; ++asked) {
    const Reply part =
        curl({"-r", std::to_string(body.size()) + "-", sandbox.url("/bytes/200000")});
    ends.insert(part.exit_status);
    body += part.body;
  }
  CHECK(body == curl({sandbox.url("/chunked/200000")}).body);
  CHECK(ends == std::set{0, 18, 56});  // curl: whole, partial file, failure in receiving
  CHECK(sandbox.stats()["files"]["cut"] == 8);
}

TEST_CASE("a status and its fields come as asked for") {
  const Sandbox sandbox;
  const Reply reply = curl({sandbox.url("/status/503?Retry-After=2")});
  CHECK(reply.status == 503);
  CHECK(reply.field("Retry-After") == "2");
  CHECK_FALSE(reply.field("Date").empty());
}

TEST_CASE("an injected reset ends the connection before the first byte of an answer") {
  const Sandbox sandbox({"--faults", "reset=100%"});
  const Reply reply =
      curl({"-H", "Authorization: Bearer " + sandbox.fetch_token(), sandbox.url("/api/v2/users")});
  CHECK(reply.exit_status == 56);  // curl: failure in receiving network data
  CHECK(reply.status == 0);
}

TEST_CASE("the links of a page name the sandbox as the client named it") {
  const Sandbox sandbox;
  const Reply reply = curl({"-H", "Authorization: Bearer " + sandbox.fetch_token(), "-H",
                            "Host: api.example:8", sandbox.url("/api/v2/users")});
  CHECK(Json::parse(reply.body)["nextUri"].get<std::string>().starts_with("http://api.example:8/"));
}

TEST_CASE("a job ends at the first failure and says which") {
  const Sandbox sandbox;
  for (const char* name : {"users", "analytics", "orders", "download"}) {
    CAPTURE(name);
    const Finished finished = run({job(name), sandbox.url("")});
    CHECK(finished.status == 1);
    CHECK(finished.err.find(": 401 ") != std::string::npos);
  }
}
