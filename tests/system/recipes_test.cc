// The recipes of deploy/README.md, pasted.
#include <doctest/doctest.h>

#include <filesystem>
#include <map>

#include "tests/support/content.h"
#include "tests/support/reserved_port.h"
#include "tests/support/source_tree.h"
#include "tests/support/temporary_directory.h"
#include "tests/system/proxy.h"

using namespace bearer::test;

namespace {

/// By name.
std::map<std::string, std::string> recipes() {
  const std::string page = content(source_tree() / "deploy/README.md");
  const std::string mark = "<!-- recipe: ";
  const std::string fence = "```sh\n";
  std::map<std::string, std::string> found;
  for (std::size_t at = 0; (at = page.find(mark, at)) != std::string::npos;) {
    at += mark.size();
    const std::string name = page.substr(at, page.find(' ', at) - at);
    const std::size_t begin = page.find(fence, at) + fence.size();
    found[name] = page.substr(begin, page.find("\n```", begin) + 1 - begin);
  }
  return found;
}

void replace_all(std::string& text, const std::string& from, const std::string& to) {
  for (std::size_t at = 0; (at = text.find(from, at)) != std::string::npos; at += to.size()) {
    text.replace(at, from.size(), to);
  }
}

/// The addresses, id and secret that a reader puts in, and ports that are free here.
std::string filled_in(std::string script, const Sandbox& sandbox, const ReservedPort& port,
                      const ReservedPort& admin) {
  replace_all(script, "https://api.example.com", sandbox.url());
  replace_all(script, "https://login.example.com", sandbox.url());
  replace_all(script, "\"ID\"", "\"sandbox\"");
  replace_all(script, "'SECRET'", "'sandbox-secret'");
  replace_all(script, "/orders", "/api/v2/users");
  replace_all(script, "127.0.0.1:8080", "127.0.0.1:" + port.number());
  replace_all(script, "--config api.json &",
              "--config api.json --listen 127.0.0.1:" + port.number() +
                  " --admin 127.0.0.1:" + admin.number() + " &");
  replace_all(script, "healthcheck --wait",
              "healthcheck --admin 127.0.0.1:" + admin.number() + " --wait");
  return script;
}

}  // namespace

TEST_CASE("each recipe works when it is pasted") {
  const Sandbox sandbox;
  const auto all = recipes();
  REQUIRE(all.size() == 4);
  const std::filesystem::path programs = std::filesystem::path(built("bearer-proxy")).parent_path();
  for (const std::string name : {"laptop", "job", "many"}) {
    CAPTURE(name);
    const ReservedPort port, admin;
    const TemporaryDirectory directory;
    const std::string script = "set -e\ncd " + directory.path("") + "\nPATH=" + programs.string() +
                               ":$PATH\n" + all.at("configuration") + all.at(name) + "wait\n";
    const Finished finished = run({"bash", "-c", filled_in(script, sandbox, port, admin)});
    INFO(finished.err);
    CHECK(finished.status == 0);
    CHECK(finished.out.find("ok    upstream of /") != std::string::npos);
    CHECK(finished.out.find("\"entities\"") != std::string::npos);
  }
}
