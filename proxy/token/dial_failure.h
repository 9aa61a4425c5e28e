// Why there is no connection to a server that we ask, in words that name the setting to look at.
#pragma once

#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"
#include "http/url.h"

namespace bearer::token {

/// For a person: what was dialed, and by what settings.
struct DialedServer {
  http::Url url;
  std::string_view what, setting;  ///< `token endpoint`, `token_url`
  bool private_ca;                 ///< ca_file is set
  bool shows_certificate;          ///< client_cert is set
  bool by_egress_proxy;
  base::Duration connect_timeout;
};

/// What to do about a TLS alert of the server's that is about our certificate, in OpenSSL's words;
/// empty for any other text.
std::string alert_fix(const DialedServer& server, std::string_view words);

/// `error` is a net::Dialer's or a net::TlsContext's. token_unreachable, or file_unreadable
/// where it is our own certificate that cannot be used.
base::Error dial_failure(const DialedServer& server, const base::Error& error);

}  // namespace bearer::token
