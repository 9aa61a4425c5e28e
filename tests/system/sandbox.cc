#include "tests/system/sandbox.h"

#include <stdexcept>
#include <utility>

#include "tests/system/curl.h"

namespace bearer::test {

namespace {

using Json = nlohmann::json;

std::vector<std::string> command(std::vector<std::string> flags) {
  flags.insert(flags.begin(), {built("bearer-sandbox"), "--end-with-stdin"});
  return flags;
}

Reply succeed(const std::vector<std::string>& arguments) {
  Reply reply = curl(arguments);
  if (reply.status / 100 != 2) {
    throw std::runtime_error("the sandbox refused: " + reply.head + reply.error);
  }
  return reply;
}

}  // namespace

Sandbox::Sandbox(std::vector<std::string> flags) : program_(command(std::move(flags))) {
  const std::string line = program_.read_line();
  const std::size_t origin = line.find("http");
  if (!line.starts_with("listening on ") || origin == std::string::npos) {
    throw std::runtime_error("the sandbox does not listen: " + program_.errors());
  }
  origin_ = line.substr(origin);
}

std::string Sandbox::fetch_token() const {
  const Reply reply = succeed(
      {"-u", "sandbox:sandbox-secret", "-d", "grant_type=client_credentials", url("/oauth/token")});
  return Json::parse(reply.body).at("access_token");
}

Json Sandbox::stats() const {
  return Json::parse(succeed({url("/sandbox/stats")}).body);
}

void Sandbox::script_tokens(const Json& answers) const {
  succeed({"--json", answers.dump(), url("/sandbox/next-token-answers")});
}

void Sandbox::revoke() const {
  succeed({"-X", "POST", url("/sandbox/revoke")});
}

}  // namespace bearer::test
