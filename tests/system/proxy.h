// The built bearer-proxy as a process of a test.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "tests/system/curl.h"
#include "tests/system/program.h"
#include "tests/system/sandbox.h"

namespace bearer::test {

using Strings = std::vector<std::string>;

/// The admin port has one address where none is named: many proxies cannot run beside each other.
inline const std::string kNoAdminPort = "BEARER_PROXY_ADMIN=off";

/// The environment that holds the sandbox's secret.
inline const Strings kSandboxSecret = {"BEARER_PROXY_CLIENT_SECRET=sandbox-secret", kNoAdminPort};

Strings operator+(Strings left, const Strings& right);

/// `bearer-proxy` and these arguments.
Strings proxy_command(const Strings& arguments);

/// The flags of a credential of the sandbox, but for the secret.
Strings credential_of(const Sandbox& sandbox);

/// Serves when the constructor returns; throws std::runtime_error if it does not.
class Proxy {
 public:
  /// On a free port of 127.0.0.1, with these settings beside it; without an admin port, unless a
  /// flag asks for one.
  explicit Proxy(const Strings& flags, const Strings& env = kSandboxSecret);
  /// The sandbox is both upstream and token endpoint.
  explicit Proxy(const Sandbox& sandbox, const Strings& flags = {});
  /// The sandbox is the token endpoint.
  Proxy(const std::string& upstream, const Sandbox& tokens, const Strings& flags = {});

  Program& program() { return program_; }
  pid_t pid() const { return program_.pid(); }
  std::string url(const std::string& target) const { return origin_ + target; }
  /// `127.0.0.1:PORT`.
  std::string authority() const { return origin_.substr(origin_.find("//") + 2); }
  std::uint16_t port() const;
  /// Returns a URL of its admin port; to be called only where there is one.
  std::string admin_url(const std::string& target);

  /// Ends it with SIGTERM. Returns what it wrote to standard error; throws if it did not exit
  /// with 0.
  std::string end();

 private:
  std::string url_said(std::string_view what);

  Program program_;
  std::string origin_;
  std::optional<AskedInHttp2> http2_;
  std::string admin_origin_;
};

}  // namespace bearer::test
