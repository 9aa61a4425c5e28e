#include "tests/system/proxy.h"

#include <csignal>
#include <stdexcept>
#include <utility>

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
    : program_(proxy_command(Strings{"--listen", "127.0.0.1:0"} + flags),
               Strings{kNoAdminPort} + env),
      origin_(url_said("listening on ")),
      http2_(std::in_place, origin_) {}

std::string Proxy::url_said(std::string_view what) {
  const std::string line = program_.read_line();
  if (line.starts_with(what)) return line.substr(what.size());
  throw std::runtime_error("the proxy does not say what it is " + std::string(what) +
                           program_.errors());
}

std::string Proxy::admin_url(const std::string& target) {
  if (admin_origin_.empty()) admin_origin_ = url_said("admin on ");
  return admin_origin_ + target;
}

Proxy::Proxy(const Sandbox& sandbox, const Strings& flags) : Proxy(sandbox.url(), sandbox, flags) {}

Proxy::Proxy(const std::string& upstream, const Sandbox& tokens, const Strings& flags)
    : Proxy(Strings{"--upstream", upstream} + credential_of(tokens) + flags) {}

std::uint16_t Proxy::port() const {
  return static_cast<std::uint16_t>(std::stoi(origin_.substr(origin_.rfind(':') + 1)));
}

std::string Proxy::end() {
  program_.signal(SIGTERM);
  http2_.reset();
  if (const int status = program_.wait(); status != 0) {
    throw std::runtime_error("the proxy exited with " + std::to_string(status) + ": " +
                             program_.errors());
  }
  return program_.errors();
}

}  // namespace bearer::test
