#include "net/tls_context.h"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/stat.h>

#include <chrono>
#include <future>
#include <string>
#include <utility>

#include "base/descriptor.h"
#include "tests/support/patience.h"
#include "tests/support/temporary_directory.h"
#include "tests/support/test_ca.h"

using namespace bearer;
using net::TlsContext;

TEST_CASE("a store that cannot be loaded is an error that names the file") {
  const test::TemporaryDirectory directory;
  for (const std::string& file :
       {directory.path("missing.pem"), directory.write("empty.pem", ""),
        directory.write("text.pem",
                        "-----BEGIN CERTIFICATE-----\nno\n-----END CERTIFICATE-----\n")}) {
    CAPTURE(file);
    const auto context = TlsContext::make({.ca_file = file, .server_name = "localhost"});
    REQUIRE(context.has_error());
    CHECK(context.error().code == base::Errc::file_unreadable);
    CHECK(context.error().detail.starts_with(file + ": "));
    CHECK(context.error().detail.size() > file.size() + 2);
  }
}

namespace {

/// Returns the error of TlsContext::make() for options that name `pipe`, to which nobody writes. A
/// call that waits for a writer gets one that leaves at once, as often as it takes.
std::string refusal(const std::string& pipe, const net::TlsOptions& options) {
  auto made = std::async(std::launch::async, [&options] {
    const auto context = TlsContext::make(options);
    return context ? std::string() : context.error().detail;
  });
  const bool at_once = made.wait_for(test::kPatience) == std::future_status::ready;
  while (made.wait_for(std::chrono::milliseconds(1)) != std::future_status::ready) {
    const base::Descriptor writer(::open(pipe.c_str(), O_WRONLY | O_NONBLOCK | O_CLOEXEC));
  }
  const std::string said = made.get();
  return at_once ? said : "after a long wait: " + said;
}

}  // namespace

TEST_CASE("a pipe is refused, and not waited for") {
  const test::TemporaryDirectory directory;
  const std::string pipe = directory.path("pipe");
  REQUIRE(::mkfifo(pipe.c_str(), 0600) == 0);
  const std::string detail = pipe +
                             ": is a pipe; it is read again at each reload, so it has to be "
                             "a file";
  CHECK(refusal(pipe, {.ca_file = pipe, .server_name = "localhost"}) == detail);
  CHECK(refusal(pipe, {.ca_file = "",
                       .server_name = "localhost",
                       .client_cert_file = pipe,
                       .client_key_file = pipe}) == detail);
}

TEST_CASE("without a file the system's store is used") {
  CHECK(TlsContext::make({.ca_file = "", .server_name = "localhost"}).has_value());
}

TEST_CASE("servers of the same authorities share what is costly, but no sessions") {
  test::TestCa ca, other;
  const test::Leaf ours = ca.leaf({"DNS:client"});
  const auto make = [](const std::string& ca_file, const char* host, const test::Leaf& leaf) {
    return std::move(*TlsContext::make({.ca_file = ca_file,
                                        .server_name = host,
                                        .client_cert_file = leaf.cert_file,
                                        .client_key_file = leaf.key_file}));
  };
  const auto of = [](TlsContext& context) { return SSL_get_SSL_CTX(context.connection().get()); };
  const auto one = make(ca.ca_file(), "a.example", {}), two = make(ca.ca_file(), "b.example", {});
  const auto another = make(other.ca_file(), "a.example", {});
  const auto known = make(ca.ca_file(), "a.example", ours);
  CHECK(of(*one) == of(*two));
  CHECK(of(*one) != of(*another));
  CHECK(of(*one) != of(*known));  // a certificate is shown to its own servers only
  CHECK(&one->session() != &two->session());
}

TEST_CASE("a name is sent as SNI, an address is not") {
  const auto named = TlsContext::make({.ca_file = "", .server_name = "api.example.com"});
  CHECK(std::string(SSL_get_servername((*named)->connection().get(), TLSEXT_NAMETYPE_host_name)) ==
        "api.example.com");
  for (const char* address : {"127.0.0.1", "::1"}) {
    const auto numbered = TlsContext::make({.ca_file = "", .server_name = address});
    CHECK(SSL_get_servername((*numbered)->connection().get(), TLSEXT_NAMETYPE_host_name) ==
          nullptr);
  }
}

TEST_CASE("nothing older than TLS 1.2 is spoken, and the server is verified") {
  const auto context = TlsContext::make({.ca_file = "", .server_name = "localhost"});
  const TlsContext::Connection connection = (*context)->connection();
  CHECK(SSL_get_min_proto_version(connection.get()) == TLS1_2_VERSION);
  CHECK(SSL_get_verify_mode(connection.get()) == SSL_VERIFY_PEER);
}
