// The files of deploy/ say nothing of the program but what it has.
#include <doctest/doctest.h>

#include <filesystem>
#include <map>
#include <regex>
#include <string>

#include "config/option_table.h"
#include "config/subcommand.h"
#include "tests/support/content.h"
#include "tests/support/source_tree.h"

using namespace bearer;

namespace {

namespace fs = std::filesystem;

/// By path; those that people read and copy.
std::map<std::string, std::string> files() {
  std::map<std::string, std::string> found;
  for (const auto& entry : fs::recursive_directory_iterator(test::source_tree() / "deploy")) {
    const std::string extension = entry.path().extension();
    if (entry.is_directory() || extension == ".cc" || extension == ".h") continue;
    found[entry.path()] = test::content(entry.path());
  }
  return found;
}

bool is_variable(const std::string& name) {
  for (const config::Option& option : config::option_table()) {
    if (option.can_be(config::kEnvironment) && option.environment() == name) return true;
  }
  // Those that `exec` and Kubernetes set.
  return name == "BEARER_PROXY_URL" || name == "BEARER_PROXY_ADMIN_URL" ||
         name == "BEARER_PROXY_SERVICE_HOST" || name == "BEARER_PROXY_PORT";
}

/// From `spec:` of the job's template on, as deep as it stands in a Job.
std::string pod_of(const std::string& manifest, const std::string& indent) {
  const std::size_t begin = manifest.find("\n" + indent + "template:");
  REQUIRE(begin != std::string::npos);
  std::string pod = manifest.substr(begin);
  const std::string deeper = "\n" + indent;
  for (std::size_t at = 0; (at = pod.find(deeper, at)) != std::string::npos; ++at) {
    pod.replace(at, deeper.size(), "\n");
  }
  return pod;
}

}  // namespace

TEST_CASE("every BEARER_PROXY_ variable in deploy/ is one that the program reads") {
  const std::regex variable("BEARER_PROXY_[A-Z_]*[A-Z]");
  int seen = 0;
  for (const auto& [path, text] : files()) {
    CAPTURE(path);
    for (std::sregex_iterator it(text.begin(), text.end(), variable), end; it != end; ++it) {
      CAPTURE(it->str());
      CHECK(is_variable(it->str()));
      ++seen;
    }
  }
  CHECK(seen > 10);
}

TEST_CASE("every command that deploy/ gives the program is one that it has") {
  const std::regex command(R"(bearer-proxy"?,? "?([a-z]+)(?= --|"\]|\]|$))");
  int seen = 0;
  for (const auto& [path, text] : files()) {
    CAPTURE(path);
    for (std::sregex_iterator it(text.begin(), text.end(), command), end; it != end; ++it) {
      CAPTURE(it->str());
      CHECK(config::find_subcommand((*it)[1].str()) != nullptr);
      ++seen;
    }
  }
  CHECK(seen > 5);
}

TEST_CASE("the CronJob runs the Job's pod") {
  const fs::path folder = test::source_tree() / "deploy/kubernetes";
  CHECK(pod_of(test::content(folder / "cronjob.yaml"), "      ") ==
        pod_of(test::content(folder / "job.yaml"), "  "));
}
