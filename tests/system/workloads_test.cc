// The real program where a platform gives it its identity, and nobody a secret.
#include <doctest/doctest.h>

#include <atomic>
#include <csignal>
#include <filesystem>
#include <functional>
#include <string>

#include "tests/support/raw_server.h"
#include "tests/support/temporary_directory.h"
#include "tests/system/curl.h"
#include "tests/system/proxy.h"

using namespace bearer;
using namespace bearer::test;

namespace {

std::string json_answer(int status, const std::string& body) {
  return "HTTP/1.1 " + std::to_string(status) +
         " X\r\nContent-Type: application/json\r\nContent-Length: " + std::to_string(body.size()) +
         "\r\nConnection: close\r\n\r\n" + body;
}

/// Answers the n-th request (from 0) with what `say` makes of it.
class Endpoint {
 public:
  explicit Endpoint(std::function<std::string(int, const std::string&)> say)
      : server_([this, say = std::move(say)](RawConnection& connection) {
          std::string request = connection.read_until("\r\n\r\n");
          const std::size_t at = request.find("Content-Length: ");
          if (at != std::string::npos) {
            request += connection.read_bytes(std::stoul(request.substr(at + 16)));
          }
          connection.write(say(asked_++, request));
        }) {}

  std::string url() const { return "http://127.0.0.1:" + std::to_string(server_.port()); }
  int asked() const { return asked_; }

 private:
  std::atomic<int> asked_ = 0;
  RawServer server_;
};

const std::string kToken =
    R"({"token_type":"Bearer","expires_in":3599,"access_token":"eyJ0.e30.eA"})";
const std::string kUnknownYet = json_answer(
    400, R"({"error":"unauthorized_client","error_description":"AADSTS700016: Application with )"
         R"(identifier 'c' was not found in the directory 't'."})");

Strings pod(const Endpoint& entra, const std::string& file) {
  return {"AZURE_CLIENT_ID=c", "AZURE_TENANT_ID=t", "AZURE_FEDERATED_TOKEN_FILE=" + file,
          "AZURE_AUTHORITY_HOST=" + entra.url() + "/", kNoAdminPort};
}

}  // namespace

TEST_CASE(
    "a job runs in a pod with an identity and no secret, once its client is known everywhere") {
  const TemporaryDirectory directory;
  const Endpoint entra([](int nth, const std::string& request) {
    if (nth == 0) return kUnknownYet;
    const bool good = request.starts_with("POST /t/oauth2/v2.0/token ") &&
                      request.find("&client_assertion=a.b.c") != std::string::npos;
    return good ? json_answer(200, kToken) : json_answer(400, R"({"error":"invalid_request"})");
  });
  const Endpoint api([](int, const std::string& request) {
    const bool good = request.find("\r\nAuthorization: Bearer eyJ0.e30.eA\r\n") != request.npos;
    return json_answer(good ? 200 : 401, R"({"value":[]})");
  });
  const Finished finished =
      run(proxy_command({"exec", "--preset", "azure-workload-identity", "--upstream", api.url(),
                         "--token-wait", "25s", "--", "sh", "-c",
                         R"(curl -sf "$BEARER_PROXY_URL/v1.0/users")"}),
          pod(entra, directory.write("token", "a.b.c\n")));
  CAPTURE(finished.err);
  CHECK(finished.status == 0);
  CHECK(finished.out == R"({"value":[]})");
  CHECK(entra.asked() == 2);
}

TEST_CASE("check waits for a client that is not known yet, and not for one that is refused") {
  const TemporaryDirectory directory;
  const std::string file = directory.write("token", "a.b.c");
  const Endpoint api([](int, const std::string&) { return json_answer(200, "{}"); });
  const Strings asks = {"check",      "--preset", "azure-workload-identity",
                        "--upstream", api.url(),  "--token-wait",
                        "25s"};
  const Endpoint late([](int nth, const std::string&) {
    return nth == 0 ? kUnknownYet : json_answer(200, kToken);
  });
  CHECK(run(proxy_command(asks), pod(late, file)).status == 0);

  const Endpoint never([](int, const std::string&) {
    return json_answer(401, R"({"error":"invalid_client","error_description":"AADSTS7000222"})");
  });
  const Finished refused = run(proxy_command(asks), pod(never, file));
  CHECK(refused.status == 3);
  CHECK(never.asked() == 1);
}

TEST_CASE("a client assertion that is missing at start is named, and one that goes later is, too") {
  const TemporaryDirectory directory;
  const Endpoint entra([](int, const std::string&) { return json_answer(200, kToken); });
  const Strings settings = {"--preset", "azure-workload-identity", "--upstream",
                            "http://127.0.0.1:1"};
  const Finished absent =
      run(proxy_command(Strings{"token"} + settings), pod(entra, directory.path("nowhere")));
  CHECK(absent.status == 2);
  CHECK(absent.err.find("client_assertion_file") != std::string::npos);
  CHECK(absent.err.find("(from AZURE_FEDERATED_TOKEN_FILE): the file cannot be read") !=
        std::string::npos);

  const std::string file = directory.write("token", "a.b.c");
  Proxy proxy(settings, pod(entra, file));
  proxy.program().await_error("token fetched");
  std::filesystem::remove(file);
  proxy.program().signal(SIGHUP);  // fetches at once
  const std::string line = proxy.program().await_error("client_assertion_file");
  CHECK(line.find("cannot be read") != std::string::npos);
  proxy.end();
}

TEST_CASE("a metadata server's name that leads elsewhere gets no request, and no proxy either") {
  const Endpoint egress([](int, const std::string&) { return json_answer(200, kToken); });
  const Finished finished =
      run(proxy_command({"token", "--preset", "gce", "--upstream", "https://api.example.com",
                         "--egress-proxy", egress.url(), "--token-wait", "1s"}),
          {kNoAdminPort});
  CHECK(finished.status == 3);
  CHECK(egress.asked() == 0);
  CHECK(finished.err.find("metadata.google.internal") != std::string::npos);
}
