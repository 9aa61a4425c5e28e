#include "token/dial_failure.h"

#include <algorithm>
#include <array>
#include <string>

namespace bearer::token {
namespace {

using base::Errc;

std::string milliseconds(base::Duration duration) {
  return std::to_string(std::chrono::duration_cast<std::chrono::milliseconds>(duration).count());
}

}  // namespace

// RFC 8446 section 6.2; before TLS 1.3 a server without a certificate of ours says
// handshake_failure.
std::string alert_fix(const DialedServer& server, std::string_view words) {
  constexpr std::array<std::string_view, 7> kAboutCertificates{
      "certificate required", "handshake failure", "bad certificate",    "unknown ca",
      "certificate unknown",  "access denied",     "certificate expired"};
  const bool ours = std::ranges::any_of(kAboutCertificates, [&](std::string_view alert) {
    return words.find("alert " + std::string(alert)) != words.npos;
  });
  if (!ours) return {};
  return server.shows_certificate
             ? "check client_cert: the server does not take this certificate"
             : "set client_cert and client_key: the server seems to want a client certificate";
}

base::Error dial_failure(const DialedServer& server, const base::Error& error) {
  const std::string what = "the " + std::string(server.what);
  const std::string where = what + " " + server.url.authority();
  const std::string check = "check " + std::string(server.setting);
  const auto failure = [&](std::string detail, std::string fix) {
    if (!error.detail.empty()) detail += " (" + error.detail + ")";
    return base::Error{Errc::token_unreachable, std::move(detail), std::move(fix)};
  };
  if (server.by_egress_proxy && error.detail.starts_with("egress proxy ")) {
    return base::Error{Errc::token_unreachable,
                       where + " cannot be reached through the " + error.detail,
                       "check egress_proxy or HTTPS_PROXY, and NO_PROXY"};
  }
  switch (error.code) {
    case Errc::resolve_failed:
      return failure(what + "'s name " + server.url.host + " was not resolved",
                     check + " and this machine's DNS");
    case Errc::connect_refused:
      return failure(where + " refused the connection", check + " and that it is up");
    case Errc::connect_timeout:
      return failure(
          "no connection to " + where + " within " + milliseconds(server.connect_timeout) + " ms",
          check + ", the network and connect_timeout");
    case Errc::tls_certificate_untrusted:
      return failure("the certificate of " + where + " is not trusted",
                     server.private_ca ? "check ca_file"
                                       : "set ca_file if it is signed by a private authority");
    case Errc::tls_handshake_failed:
      if (std::string fix = alert_fix(server, error.detail); !fix.empty()) {
        return failure("the TLS handshake with " + where + " failed", std::move(fix));
      }
      return failure("the TLS handshake with " + where + " failed",
                     check + ": does this port speak TLS?");
    case Errc::file_unreadable:
      return failure("the trusted certificates cannot be loaded", "check ca_file");
    case Errc::client_certificate_unusable:
      return base::Error{Errc::file_unreadable,
                         "the client certificate cannot be used (" + error.detail + ")",
                         "check client_cert and client_key"};
    default: return failure(where + " cannot be reached", check + " and the network");
  }
}

}  // namespace bearer::token
