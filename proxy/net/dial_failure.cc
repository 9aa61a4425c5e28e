#include "net/dial_failure.h"

#include <algorithm>
#include <array>
#include <string>
#include <utility>

#include "base/advice.h"

namespace bearer::net {
namespace {

using base::advice_on;
using base::Errc;
using base::Trouble;

std::string milliseconds(base::Duration duration) {
  return std::to_string(std::chrono::duration_cast<std::chrono::milliseconds>(duration).count());
}

}  // namespace

// RFC 8446 section 6.2. Before TLS 1.3, a server that misses our certificate says
// handshake_failure.
std::string alert_fix(const DialedServer& server, std::string_view words) {
  constexpr std::array<std::string_view, 7> kAboutCertificates{
      "certificate required", "handshake failure", "bad certificate",    "unknown ca",
      "certificate unknown",  "access denied",     "certificate expired"};
  const bool ours = std::ranges::any_of(kAboutCertificates, [&](std::string_view alert) {
    return words.find("alert " + std::string(alert)) != words.npos;
  });
  if (!ours) return {};
  return advice_on(server.shows_certificate ? Trouble::refuses_our_certificate
                                            : Trouble::wants_our_certificate);
}

base::Error dial_failure(const DialedServer& server, const base::Error& error) {
  const std::string what = "the " + std::string(server.what);
  const std::string where = what + " " + server.authority;
  // Keeps the detail and the fix of the connection itself, which knew more.
  const auto failure = [&](std::string detail, std::string fix) {
    if (!error.detail.empty()) detail += " (" + error.detail + ")";
    if (!error.fix.empty()) fix = error.fix;
    return base::Error{error.code, std::move(detail), std::move(fix)};
  };
  if (server.by_egress_proxy && error.detail.starts_with("egress proxy ")) {
    return base::Error{error.code, where + " cannot be reached through the " + error.detail,
                       advice_on(Trouble::egress_proxy)};
  }
  switch (error.code) {
    case Errc::resolve_failed:
      return failure(what + "'s name " + server.host + " was not resolved",
                     advice_on(Trouble::name_unknown, server.setting));
    case Errc::connect_refused:
      return failure(where + " refused the connection",
                     advice_on(Trouble::refused, server.setting));
    case Errc::connect_timeout:
      return failure(
          "no connection to " + where + " within " + milliseconds(server.connect_timeout) + " ms",
          advice_on(Trouble::not_in_time, server.setting));
    case Errc::tls_certificate_untrusted:
      return failure("the certificate of " + where + " is not trusted",
                     advice_on(server.private_ca ? Trouble::authority_not_in_file
                                                 : Trouble::authority_unknown));
    case Errc::tls_handshake_failed:
      if (std::string fix = alert_fix(server, error.detail); !fix.empty()) {
        return failure("the TLS handshake with " + where + " failed", std::move(fix));
      }
      return failure("the TLS handshake with " + where + " failed",
                     advice_on(Trouble::no_tls_there, server.setting));
    case Errc::file_unreadable:
      return failure("the trusted certificates cannot be loaded",
                     advice_on(Trouble::authorities_unreadable));
    case Errc::client_certificate_unusable:
      return failure("the client certificate cannot be used",
                     advice_on(Trouble::own_certificate_unusable));
    case Errc::client_left: return error;
    default:
      return failure(where + " cannot be reached", advice_on(Trouble::unreachable, server.setting));
  }
}

}  // namespace bearer::net
