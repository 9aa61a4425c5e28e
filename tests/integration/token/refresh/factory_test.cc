// A credential as a person describes it, against a token endpoint on loopback.
#include "token/refresh/factory.h"

#include <doctest/doctest.h>

#include <atomic>
#include <chrono>
#include <future>
#include <memory>
#include <stop_token>
#include <string>
#include <vector>

#include "tests/support/raw_server.h"
#include "tests/support/temporary_directory.h"
#include "token/fetch_queue.h"

using namespace bearer;
using namespace std::chrono_literals;

namespace {

std::string json(int status, const std::string& body) {
  return "HTTP/1.1 " + std::to_string(status) + " X\r\nContent-Type: application/json\r\n" +
         "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

/// Gives tokens t1, t2, ... that live for an hour, to those who know the secret.
class TokenServer {
 public:
  std::uint16_t port() const { return server_.port(); }

 private:
  void serve(test::RawConnection& connection) {
    const std::string asked = connection.read_until("grant_type=client_credentials");
    if (asked.find("Authorization: Basic aWQ6czNjcmV0\r\n") == std::string::npos) {
      connection.write(json(401, R"({"error":"invalid_client","error_description":"who?"})"));
      return;
    }
    connection.write(json(200, R"({"access_token":"t)" + std::to_string(++served_) +
                                   R"(","token_type":"Bearer","expires_in":3600})"));
  }

  int served_ = 0;
  test::RawServer server_{[this](test::RawConnection& connection) { serve(connection); }};
};

token::CredentialOptions credential(std::uint16_t port, const std::string& secret_file) {
  token::CredentialOptions options;
  options.token_url = {.tls = false, .host = "127.0.0.1", .port = port, .path = "/token"};
  options.client_id = "id";
  options.client_secret_file = secret_file;
  return options;
}

/// Blocks until the source's state is as wanted.
template <typename Wanted>
token::State await(token::Source& source, Wanted wanted) {
  std::atomic<int> changes = 0;
  const auto subscription = source.subscribe([&] {
    ++changes;
    changes.notify_all();
  });
  for (;;) {
    const int seen = changes;
    token::State state = source.state();
    if (wanted(state)) return state;
    changes.wait(seen);
  }
}

}  // namespace

TEST_CASE("fetch_once gives one token") {
  const test::TemporaryDirectory directory;
  const TokenServer server;
  const auto fetched =
      token::fetch_once(credential(server.port(), directory.write("secret", "s3cret\n")));
  REQUIRE(fetched.has_value());
  CHECK(fetched->value.reveal() == "t1");
  CHECK(fetched->lifetime() == 3600s);
}

TEST_CASE("fetch_once says in one line what happened and what to look at") {
  const test::TemporaryDirectory directory;
  const TokenServer server;
  const auto fetched =
      token::fetch_once(credential(server.port(), directory.write("secret", "wrong")));
  REQUIRE_FALSE(fetched.has_value());
  CHECK(fetched.error().code == base::Errc::token_rejected);
  CHECK(fetched.error().sentence() ==
        "the token endpoint answered 401 invalid_client (who?): check client_id, "
        "client_secret_file, and auth_method");
}

TEST_CASE("a source fetches at once, and again after a 401") {
  const test::TemporaryDirectory directory;
  const TokenServer server;
  token::ControlLoop control(base::system_clock());
  const auto source =
      token::make_source(credential(server.port(), directory.write("secret", "s3cret")), control);
  const auto first = await(*source, [](const token::State& s) { return s.token != nullptr; });
  CHECK(first.token->value.reveal() == "t1");
  CHECK(source->reject(1));
  const auto second =
      await(*source, [](const token::State& s) { return s.token->generation == 2; });
  CHECK(second.token->value.reveal() == "t2");
}

TEST_CASE("a source whose credential is rejected heals when the secret's file is replaced") {
  const test::TemporaryDirectory directory;
  const TokenServer server;
  const std::string file = directory.write("secret", "wrong");
  token::ControlLoop control(base::system_clock());
  const auto source = token::make_source(credential(server.port(), file), control);
  const auto rejected = await(
      *source, [](const token::State& s) { return s.health == token::State::Health::rejected; });
  CHECK(rejected.token == nullptr);
  CHECK(rejected.reason.find("client_secret_file") != std::string::npos);
  directory.write("secret", "s3cret");
  const auto unfolded = await(*source, [](const token::State& s) { return s.token != nullptr; });
  CHECK(unfolded.health == token::State::Health::good);
}

TEST_CASE("fetch_once is ended in the midst of a token request") {
  const test::TemporaryDirectory directory;
  std::stop_source ended;
  const test::RawServer silent([&](test::RawConnection& connection) {
    connection.read_until("grant_type=client_credentials");
    ended.request_stop();
    connection.await_end();
  });
  const auto fetched =
      token::fetch_once(credential(silent.port(), directory.write("secret", "s3cret")),
                        base::system_clock(), ended.get_token());
  REQUIRE_FALSE(fetched.has_value());
  CHECK(fetched.error().detail == "the token request was cancelled");
}

TEST_CASE("a source ends at once in the midst of a token request") {
  const test::TemporaryDirectory directory;
  std::promise<void> asked;
  const test::RawServer silent([&](test::RawConnection& connection) {
    connection.read_until("grant_type=client_credentials");
    asked.set_value();
    connection.await_end();
  });
  token::ControlLoop control(base::system_clock());
  auto source =
      token::make_source(credential(silent.port(), directory.write("secret", "s3cret")), control);
  asked.get_future().wait();
  source.reset();
}

TEST_CASE("at a silent endpoint 32 requests are under way, the next says so, a command goes on") {
  const test::TemporaryDirectory directory;
  std::promise<void> over;
  const auto ended = over.get_future().share();
  const test::RawServer silent([&](test::RawConnection&) { ended.wait(); });
  token::ControlLoop control(base::system_clock());
  const token::CredentialOptions options =
      credential(silent.port(), directory.write("secret", "s3cret"));
  std::vector<std::unique_ptr<token::TokenRefresher>> sources;
  for (std::size_t i = 0; i <= token::kRequestsAtOnce; ++i) {
    sources.push_back(token::make_source(options, control));
  }
  token::CredentialOptions command;
  command.token_command = {"echo", "from-a-command"};
  const auto other = token::make_source(command, control);
  await(*other, [](const token::State& s) { return s.token != nullptr; });
  const std::string origin = "http://127.0.0.1:" + std::to_string(silent.port());
  const std::string waits =
      "its turn has not come yet: 32 token requests at a time are sent to " + origin;
  std::size_t asked = 0, waiting = 0;
  for (const auto& source : sources) {
    const std::string reason = source->state().reason;
    if (reason.find(waits) != std::string::npos) ++waiting;
    if (reason.find(origin + " was asked for a token") != std::string::npos) ++asked;
  }
  CHECK(waiting == 1);
  CHECK(asked == token::kRequestsAtOnce);
  over.set_value();
}
