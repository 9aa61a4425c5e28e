// A company's proxy, as Debian has it: the only way out, and it wants to know who asks.
#include <doctest/doctest.h>

#include <stdexcept>
#include <string>

#include "tests/support/reserved_port.h"
#include "tests/support/temporary_directory.h"
#include "tests/support/test_ca.h"
#include "tests/system/curl.h"
#include "tests/system/proxy.h"

using namespace bearer::test;

namespace {

/// tinyproxy on a free port of loopback; takes the user `job` with the password `companyword`.
class CompanyProxy {
 public:
  CompanyProxy()
      : program_({"tinyproxy", "-d", "-c",
                  directory_.write("tinyproxy.conf", "Port " + port_.number() +
                                                         "\nListen 127.0.0.1\nTimeout 30\n"
                                                         "MaxClients 100\nLogLevel Info\n"
                                                         "BasicAuth job companyword\n")}) {
    await("Accepting connections");
  }

  /// Waits until a line of its log holds `part`.
  std::string await(std::string_view part) {
    for (;;) {
      std::string line = program_.read_line();
      if (line.find(part) != std::string::npos) return line;
      if (line.empty()) throw std::runtime_error("tinyproxy: " + program_.errors());
    }
  }
  std::string url(const std::string& who) const {
    return "http://" + who + "@127.0.0.1:" + port_.number();
  }

 private:
  const ReservedPort port_;
  const TemporaryDirectory directory_;
  Program program_;
};

/// A sandbox that is reached as `https://0.0.0.0:PORT`: an address of this machine that does not
/// count as loopback, which would be reached directly.
struct Outside {
  std::string origin() const {
    const std::string url = sandbox.url();
    return "https://0.0.0.0" + url.substr(url.rfind(':'));
  }
  Strings settings() const {
    return {"--upstream",  origin(),  "--token-url", origin() + "/oauth/token",
            "--client-id", "sandbox", "--ca-file",   ca.ca_file()};
  }

  TestCa ca;
  const Leaf leaf = ca.leaf({"IP:0.0.0.0"});
  const Sandbox sandbox{{"--tls-cert", leaf.cert_file, "--tls-key", leaf.key_file}};
};

}  // namespace

TEST_CASE("token endpoint and upstream are both reached through the company's proxy") {
  const Outside outside;
  CompanyProxy company;
  const std::string url = company.url("job:companyword");
  const Strings by_environment = {"HTTPS_PROXY=" + url};
  const Strings by_setting = {"BEARER_PROXY_EGRESS_PROXY=" + url};
  SUBCASE("by the setting") {
    const Proxy proxy(outside.settings(), kSandboxSecret + by_setting);
    CHECK(curl({proxy.url("/api/v2/whoami?id=1")}).status == 200);
  }
  SUBCASE("by the environment") {
    const Proxy proxy(outside.settings(), kSandboxSecret + by_environment);
    CHECK(curl({proxy.url("/api/v2/whoami?id=1")}).status == 200);
  }
  company.await("CONNECT " + outside.origin().substr(8));  // for the token
  company.await("CONNECT " + outside.origin().substr(8));  // for the request
}

TEST_CASE("a company's proxy that refuses us is named, and its password is not") {
  const Outside outside;
  CompanyProxy company;
  const Strings by_setting = {"BEARER_PROXY_EGRESS_PROXY=" + company.url("job:wrong")};
  const Finished refused =
      run(proxy_command(Strings{"token", "--token-wait", "4s"} + outside.settings()),
          kSandboxSecret + by_setting);
  CHECK(refused.status == 3);
  CHECK(refused.err.find("egress proxy") != std::string::npos);
  CHECK(refused.err.find("wrong") == std::string::npos);
}
