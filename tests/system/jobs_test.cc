// The batch jobs of the demonstration: what they hold to be proof that every record arrived once.
#include <doctest/doctest.h>

#include "tests/support/source_tree.h"
#include "tests/system/program.h"

using namespace bearer::test;

namespace {

const std::string kJobs = source_tree() / "tests/jobs";

/// The pages of a ledger of three records, as Python; what it says of them.
std::string judge(const std::string& pages) {
  const std::string code =
      "import batch\n"
      "ledger = batch.Ledger()\n"
      "try:\n"
      "  for page in " +
      pages +
      ": ledger.add_page(page, 3)\n"
      "  print(ledger.is_whole(), ledger.got, ledger.missing, ledger.doubled)\n"
      "except batch.Failure as failure: print(failure)\n";
  const Finished finished = run({"python3", "-Bc", code}, {"PYTHONPATH=" + kJobs});
  CHECK(finished.err == "");
  return finished.out;
}

}  // namespace

TEST_CASE("records are whole when each came exactly once, and only then") {
  CHECK(judge("[['a', 'b'], ['c']]") == "True 3 0 0\n");
  CHECK(judge("[['a', 'b']]") == "False 2 1 0\n");
  CHECK(judge("[['a', 'b'], ['b', 'c']]") == "False 3 0 1\n");
  CHECK(judge("[['a', 'b'], ['c', 'd']]") == "False 4 -1 0\n");
  CHECK(judge("[]") == "False 0 0 0\n");
}

TEST_CASE("pages that are empty or do not end are a failure") {
  CHECK(judge("[['a'], []]") == "a page without records\n");
  CHECK(judge("[['a', 'b', 'c']] * 3") == "the pages do not end\n");
}

TEST_CASE("a job without a URL is a usage error") {
  for (const char* name : {"users", "analytics"}) {
    CHECK(run({kJobs + "/" + name}).status == 2);
  }
}

TEST_CASE("a job whose API cannot be reached says so and fails") {
  const Finished finished = run({kJobs + "/users", "http://127.0.0.1:1"});
  CHECK(finished.status == 1);
  CHECK(finished.err.find("ConnectionRefusedError") != std::string::npos);
}
