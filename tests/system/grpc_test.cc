// gRPC end to end: Debian's grpcio on both sides, with a proxy between them.
#include <doctest/doctest.h>

#include <string>

#include "tests/support/source_tree.h"
#include "tests/support/test_ca.h"
#include "tests/system/proxy.h"

using namespace bearer::test;

namespace {

/// Debian's own Python: the package is for no other.
Strings python(const std::string& script, const Strings& arguments = {}) {
  return Strings{"/usr/bin/python3", source_tree() / "tests/system/http2" / script} + arguments;
}

}  // namespace

TEST_CASE("gRPC calls of every kind pass with their metadata, and a dead token is replaced") {
  const Sandbox tokens;
  TestCa ca;
  const Leaf leaf = ca.leaf();
  std::string scheme = "http";
  Strings server_arguments, settings{"--upstream-http", "2"};
  SUBCASE("over TLS, where ALPN chooses") {
    scheme = "https";
    server_arguments = {leaf.key_file, leaf.cert_file};
    settings = {"--ca-file", ca.ca_file()};
  }
  SUBCASE("without TLS") {}
  Program server(python("grpc_server.py", server_arguments));
  const Proxy proxy(scheme + "://127.0.0.1:" + server.read_line(), tokens, settings);
  Program client(python("grpc_client.py", {std::to_string(proxy.port())}));
  CHECK(client.read_line() == "unary hello metadata 00ff");
  CHECK(client.read_line() == "large True");
  CHECK(client.read_line() == "replayed again");
  CHECK(client.read_line() == "failed INVALID_ARGUMENT 100% wrong: ä");
  CHECK(client.read_line() == "server-streaming 499500");
  CHECK(client.read_line() == "client-streaming 5000");
  CHECK(client.read_line() == "bidirectional cba fed ihg 0");
  CHECK(client.wait() == 0);
  server.close_stdin();
}
