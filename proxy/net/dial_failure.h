// Explains to a person why there is no connection to a server, and names the setting to look at.
#pragma once

#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"

namespace bearer::net {

/// The server that was dialed, and the settings that led there.
struct DialedServer {
  std::string host;                ///< its name
  std::string authority;           ///< the name and, unless it is the scheme's default, the port
  std::string_view what, setting;  ///< `token endpoint`, `token_url`
  bool private_ca = false;         ///< ca_file is set
  bool shows_certificate = false;  ///< client_cert is set
  bool by_egress_proxy = false;
  base::Duration connect_timeout{};
};

/// The fix for a server's TLS alert (in OpenSSL's words) that concerns our certificate; empty for
/// any other text.
std::string alert_fix(const DialedServer& server, std::string_view words);

/// Explains `error`, a Dialer's or a TlsContext's, to a person. The code stays.
base::Error dial_failure(const DialedServer& server, const base::Error& error);

}  // namespace bearer::net
