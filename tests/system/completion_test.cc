// Bash offers words when Tab is pressed, by the completion that is installed beside the program.
#include <doctest/doctest.h>

#include "deploy/docs/completions.h"
#include "tests/support/temporary_directory.h"
#include "tests/system/program.h"

using namespace bearer::test;

namespace {

/// The offers for the last of `words`, one a line.
std::string offers(const std::vector<std::string>& words) {
  const TemporaryDirectory directory;
  const std::string file = directory.write("completion", bearer::docs::bash_completion());
  std::vector<std::string> bash = {
      "bash",
      "--norc",
      "-c",
      "source \"$1\"; shift; COMP_WORDS=(\"$@\"); COMP_CWORD=$(($# - 1)); _bearer_proxy; "
      "printf '%s\\n' \"${COMPREPLY[@]}\"",
      "bash",
      file,
      "bearer-proxy"};
  bash.insert(bash.end(), words.begin(), words.end());
  const Finished finished = run(bash);
  CHECK(finished.status == 0);
  return finished.out;
}

}  // namespace

TEST_CASE("bash completes commands, settings and the flags of a command") {
  CHECK(offers({"he"}) == "healthcheck\n");
  CHECK(offers({"--retry-w"}) == "--retry-window\n");
  CHECK(offers({"exec", "--en"}) == "--env\n");
  CHECK(offers({"token", "--cred"}) == "--credential\n");
  CHECK(offers({"serve", "--en"}) == "\n");
}

TEST_CASE("bash offers files where a setting names one, and nothing where a value is free") {
  const TemporaryDirectory directory;
  const std::string file = directory.write("api.json", "{}");
  CHECK(offers({"--config", directory.path("ap")}) == file + "\n");
  CHECK(offers({"--scope", "--"}) == "\n");
  CHECK(offers({"token", "--credential", ""}) == "\n");
}
