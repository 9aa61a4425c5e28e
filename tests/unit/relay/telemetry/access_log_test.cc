#include "relay/telemetry/access_log.h"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include "tests/support/captured.h"
#include "tests/support/owned_clock.h"
#include "tests/support/temporary_directory.h"
#include "tests/unit/relay/relaying.h"

using namespace bearer;
using namespace std::chrono_literals;
using nlohmann::json;
using relay::AccessLog;
using relay::ExchangeEnd;
using relay::Request;
using relay::test::route;

namespace {

struct Fixture {
  Fixture() {
    request.route = &crm;
    request.head = "POST /base/orders?key=hush HTTP/1.1\r\nHost: crm.example.com\r\n";
    request.target = "/crm/orders?key=hush";
    request.id.set("of-the-client");
  }
  ExchangeEnd end() const {
    return {.request = request,
            .status = 201,
            .attempts = 3,
            .took = 2500ms,
            .waited = 1999999us,
            .token_generation = 4,
            .request_bytes = 5'000'000'000,
            .response_bytes = 7,
            .whole = true};
  }
  std::vector<json> lines() const {
    std::vector<json> all;
    std::ifstream file(path);
    for (std::string line; std::getline(file, line);) all.push_back(json::parse(line));
    return all;
  }

  test::OwnedClock clock;
  test::TemporaryDirectory directory;
  const std::string path = directory.path("access.log");
  relay::Route crm{route("/crm/", "https://crm.example.com/base/", true)};
  Request request;
};

}  // namespace

TEST_CASE_FIXTURE(Fixture, "a request is one JSON object on a line, its query left out") {
  const auto log = AccessLog::open(path, false, clock);
  REQUIRE(log.has_value());
  (*log)->write(end());
  REQUIRE(lines().size() == 1);
  CHECK(lines().front() == json::parse(R"({
    "time_ms": 1767225600000, "method": "POST", "path": "/crm/orders", "route": "/crm/",
    "request_id": "of-the-client", "http": "1.1", "status": 201, "attempts": 3, "took_ms": 2500,
    "waited_ms": 1999, "token_generation": 4,
    "request_bytes": 5000000000, "response_bytes": 7, "whole": true})"));
}

TEST_CASE_FIXTURE(Fixture, "a request that was refused before it had a route has an empty one") {
  const auto log = AccessLog::open(path, false, clock);
  request.route = nullptr;
  (*log)->write(end());
  CHECK(lines().front()["route"] == "");
  CHECK(lines().front()["path"] == "/crm/orders");
}

TEST_CASE_FIXTURE(Fixture, "the query is there where it was asked for") {
  const auto log = AccessLog::open(path, true, clock);
  (*log)->write(end());
  CHECK(lines().front()["path"] == "/crm/orders?key=hush");
}

TEST_CASE_FIXTURE(Fixture, "an answer that was cut short says so") {
  const auto log = AccessLog::open(path, false, clock);
  ExchangeEnd cut = end();
  cut.whole = false;
  cut.status = 0;
  (*log)->write(cut);
  CHECK(lines().front()["whole"] == false);
  CHECK(lines().front()["status"] == 0);
}

TEST_CASE_FIXTURE(Fixture, "a path of any bytes is one valid string on one line") {
  request.target = "/\"},\n{\"\x01\xff";
  const auto log = AccessLog::open(path, false, clock);
  (*log)->write(end());
  REQUIRE(lines().size() == 1);
  CHECK(lines().front()["path"] == "/\"},\n{\"\x01\xEF\xBF\xBD");
}

TEST_CASE_FIXTURE(Fixture, "a file is appended to, and others may not read it") {
  for (int i = 0; i < 2; ++i) {
    const auto log = AccessLog::open(path, false, clock);
    (*log)->write(end());
  }
  CHECK(lines().size() == 2);
  struct stat status {};
  REQUIRE(stat(path.c_str(), &status) == 0);
  CHECK((status.st_mode & 07) == 0);
}

TEST_CASE_FIXTURE(Fixture, "lines of several threads do not mix") {
  const auto log = AccessLog::open(path, false, clock);
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      for (int line = 0; line < 250; ++line) (*log)->write(end());
    });
  }
  for (std::thread& thread : threads) thread.join();
  CHECK(lines().size() == 1000);
}

TEST_CASE_FIXTURE(Fixture, "- is stdout") {
  const std::string said = test::captured(STDOUT_FILENO, [&] {
    const auto log = AccessLog::open("-", false, clock);
    (*log)->write(end());
  });
  CHECK(json::parse(said)["path"] == "/crm/orders");
}

TEST_CASE_FIXTURE(Fixture, "a file that cannot be opened is an error that names the setting") {
  const std::string nowhere = directory.path("missing/access.log");
  const auto log = AccessLog::open(nowhere, false, clock);
  REQUIRE(log.has_error());
  CHECK(log.error().code == base::Errc::file_unreadable);
  for (const std::string& part :
       {std::string("access_log"), nowhere, std::string("No such file")}) {
    CHECK(log.error().detail.find(part) != std::string::npos);
  }
}

TEST_CASE_FIXTURE(Fixture, "a line that cannot be written is said once") {
  const std::string said = test::captured(STDERR_FILENO, [&] {
    const auto log = AccessLog::open("/dev/full", false, clock);
    for (int i = 0; i < 3; ++i) (*log)->write(end());
  });
  const std::size_t first = said.find("the access log cannot be written");
  REQUIRE(first != std::string::npos);
  CHECK(said.find("the access log cannot be written", first + 1) == std::string::npos);
  CHECK(said.find("No space left") != std::string::npos);
}

TEST_CASE_FIXTURE(Fixture, "a file that is replaced while lines are written cuts none in two") {
  request.target = "/" + std::string(15'000, 'a');  // many times what is written at once to a pipe
  constexpr int kLines = 500;
  std::vector<std::string> files;
  {
    const auto log = AccessLog::open(path, false, clock);
    std::atomic<int> written = 0;
    std::thread writer([&] {
      for (; written < kLines; ++written) (*log)->write(end());
    });
    while (written < kLines) {
      const int before = written;
      files.push_back(path + "." + std::to_string(files.size()));
      std::filesystem::rename(path, files.back());
      (*log)->reopen();
      // Not again for the same line: the writer may have to wait for the processor.
      while (written == before && before < kLines) std::this_thread::yield();
    }
    writer.join();
  }
  files.push_back(path);
  int whole = 0;
  for (const std::string& file : files) {
    std::ifstream lines(file);
    for (std::string line; std::getline(lines, line);) {
      if (line.starts_with("{\"time_ms\":") && line.ends_with("\"whole\":true}")) ++whole;
    }
  }
  CHECK(whole == kLines);
}

TEST_CASE_FIXTURE(Fixture, "a pipe that nobody reads is said, and waited for by nobody") {
  REQUIRE(mkfifo(path.c_str(), 0600) == 0);
  CHECK(AccessLog::open(path, false, clock).has_error());
  const int reader = open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC);
  const std::string said = test::captured(STDERR_FILENO, [&] {
    const auto log = AccessLog::open(path, false, clock);
    for (int i = 0; i < 1000; ++i) (*log)->write(end());
    CHECK((*log)->lost() > 0);
  });
  close(reader);
  CHECK(said.find("nobody reads it") != std::string::npos);
}
