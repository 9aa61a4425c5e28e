#include "tests/system/proxy.h"

#include <csignal>
#include <stdexcept>

namespace bearer::test {

Strings operator+(Strings left, const Strings& right) {
  left.insert(left.end(), right.begin(), right.end());
  return left;
}

Strings proxy_command(const Strings& arguments) {
  return Strings{built("bearer-proxy")} + arguments;
}

Strings credential_of(const Sandbox& sandbox) {
  return {"--token-url", sandbox.url("/oauth/token"), "--client-id", "sandbox"};
}

Proxy::Proxy(const Strings& flags, const Strings& env)
    : program_(proxy_command(Strings{"--listen", "127.0.0.1:0"} + flags), env) {
  constexpr std::string_view kListening = "listening on ";
  const std::string line = program_.read_line();
  if (!line.starts_with(kListening)) {
    throw std::runtime_error("the proxy does not listen: " + program_.errors());
  }
  origin_ = line.substr(kListening.size());
}

Proxy::Proxy(const Sandbox& sandbox, const Strings& flags) : Proxy(sandbox.url(), sandbox, flags) {}

Proxy::Proxy(const std::string& upstream, const Sandbox& tokens, const Strings& flags)
    : Proxy(Strings{"--upstream", upstream} + credential_of(tokens) + flags) {}

std::uint16_t Proxy::port() const {
  return static_cast<std::uint16_t>(std::stoi(origin_.substr(origin_.rfind(':') + 1)));
}

std::string Proxy::end() {
  program_.signal(SIGTERM);
  if (const int status = program_.wait(); status != 0) {
    throw std::runtime_error("the proxy exited with " + std::to_string(status) + ": " +
                             program_.errors());
  }
  return program_.errors();
}

}  // namespace bearer::test
