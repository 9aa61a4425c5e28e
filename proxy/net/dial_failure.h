// Why there is no connection to a server that we ask, in words that name the setting to look at.
#pragma once

#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"

namespace bearer::net {

/// For a person: what was dialed, and by what settings.
struct DialedServer {
  std::string host;                ///< its name
  std::string authority;           ///< the name and, where it is not the scheme's own, the port
  std::string_view what, setting;  ///< `token endpoint`, `token_url`
  bool private_ca = false;         ///< ca_file is set
  bool shows_certificate = false;  ///< client_cert is set
  bool by_egress_proxy = false;
  base::Duration connect_timeout{};
};

/// What to do about a TLS alert of the server's that is about our certificate, in OpenSSL's words;
/// empty for any other text.
std::string alert_fix(const DialedServer& server, std::string_view words);

/// `error`, which is a Dialer's or a TlsContext's, told to a person. The code stays.
base::Error dial_failure(const DialedServer& server, const base::Error& error);

}  // namespace bearer::net
