// The batch jobs of the demonstration: what they hold to be proof that every record arrived once.
#include <doctest/doctest.h>

#include "tests/support/source_tree.h"
#include "tests/system/program.h"
#include "tests/system/proxy.h"

using namespace bearer::test;
using Json = nlohmann::json;

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
  for (const char* name : {"users", "analytics", "orders", "download"}) {
    CHECK(run({kJobs + "/" + name}).status == 2);
  }
}

TEST_CASE("a job whose API cannot be reached says so and fails") {
  const Finished finished = run({kJobs + "/users", "http://127.0.0.1:1"});
  CHECK(finished.status == 1);
  CHECK(finished.err.find("ConnectionRefusedError") != std::string::npos);
}

TEST_CASE("an order that failed is asked for, and posted again only if it was not carried out") {
  const Sandbox sandbox({"--faults", "seed=7,5xx=10%,after=20%,in-a-row=2"});
  const Proxy proxy(sandbox, {"--backoff-base", "1ms"});
  const Finished finished = run({kJobs + "/orders", "--json", "--count", "60", proxy.url("")});
  CHECK(finished.status == 0);
  const Json summary = Json::parse(finished.out.substr(finished.out.rfind("{\"job\"")));
  CHECK(summary["got"] == 60);
  CHECK(summary["doubled"] == 0);
  CHECK(summary["notes"]["failed"] > summary["notes"]["failed_but_carried_out"]);
  CHECK(summary["notes"]["failed_but_carried_out"] > 0);
  CHECK(sandbox.stats()["orders"] == Json{{"carried_out", 60}, {"twice", 0}});
}

TEST_CASE("a file is downloaded in one request, and one whose digest differs is a failure") {
  const Sandbox sandbox;
  const Proxy proxy(sandbox);
  const Finished finished = run({kJobs + "/download", "--kib", "300", proxy.url("")});
  CHECK(finished.status == 0);
  CHECK(finished.out.find("300 got, 300 expected, 0 missing, 0 doubled, 1 requests") !=
        std::string::npos);

  const std::string code =
      "import importlib.machinery, types, batch\n"
      "class Client:\n"
      "  base = ''\n"
      "  def pieces(self, method, url):\n"
      "    yield types.SimpleNamespace(getheader=lambda name: 'sha-256=:AAAA:'), 1024\n"
      "    yield bytes(1024)\n"
      "job = types.ModuleType('job')\n"
      "importlib.machinery.SourceFileLoader('job', '" +
      kJobs +
      "/download').exec_module(job)\n"
      "try: list(job.file(Client(), 1))\n"
      "except batch.Failure as failure: print(failure)\n";
  CHECK(run({"python3", "-Bc", code}, {"PYTHONPATH=" + kJobs})
            .out.starts_with("the file's digest is "));
}
