#include "token/dial_failure.h"

#include <string>

namespace bearer::token {
namespace {

using base::Errc;

std::string milliseconds(base::Duration duration) {
  return std::to_string(std::chrono::duration_cast<std::chrono::milliseconds>(duration).count());
}

}  // namespace

Failure dial_failure(const EndpointOptions& options, const base::Error& error) {
  const std::string where = options.url.authority();
  const auto failure = [&](std::string detail, std::string mend) {
    if (!error.detail.empty()) detail += " (" + error.detail + ")";
    return Failure{Errc::token_unreachable, std::move(detail), std::move(mend), {}};
  };
  switch (error.code) {
    case Errc::resolve_failed:
      return failure("the token endpoint's name " + options.url.host + " was not resolved",
                     "check token_url and this machine's DNS");
    case Errc::connect_refused:
      return failure("the token endpoint " + where + " refused the connection",
                     "check token_url and that the endpoint is up");
    case Errc::connect_timeout:
      return failure("no connection to the token endpoint " + where + " within " +
                         milliseconds(options.connect_timeout) + " ms",
                     "check token_url, the network and connect_timeout");
    case Errc::tls_certificate_untrusted:
      return failure("the certificate of the token endpoint " + where + " is not trusted",
                     options.ca_file.empty() ? "set ca_file if it is signed by a private authority"
                                             : "check ca_file");
    case Errc::tls_handshake_failed:
      return failure("the TLS handshake with the token endpoint " + where + " failed",
                     "check token_url: does this port speak TLS?");
    case Errc::file_unreadable:
      return failure("the trusted certificates cannot be loaded", "check ca_file");
    default:
      return failure("the token endpoint " + where + " cannot be reached",
                     "check token_url and the network");
  }
}

}  // namespace bearer::token
