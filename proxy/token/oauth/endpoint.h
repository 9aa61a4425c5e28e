// The token endpoint as the layers above see it: a form goes in, an answer comes out.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"
#include "base/secret.h"
#include "http/url.h"
#include "net/dial_failure.h"
#include "net/egress.h"
#include "net/resolver.h"
#include "token/oauth/token_request.h"
#include "wire/connect.h"

namespace bearer::token {

struct Answer {
  int status = 0;                                     ///< 200 to 599
  std::string content_type = {};                      ///< as it came; empty if there was none
  base::Secret body = {};                             ///< holds a token if all went well
  std::string dpop_nonce = {};                        ///< http::dpop_nonce()
  std::optional<std::chrono::sys_seconds> date = {};  ///< the endpoint's clock
  std::optional<base::Duration> retry_after = {};     ///< from now; not negative
  base::Instant sent;                                 ///< right before the request's first byte
  base::WallTime wall;                                ///< our wall clock at that moment
};

/// The seam at which tests of the layers above script the answers. post() is called by one thread
/// at a time, cancel() by any.
class Endpoint {
 public:
  virtual ~Endpoint() = default;

  /// Any HTTP response is an Answer, also a 500. token_unreachable: there was none, because of the
  /// network, TLS or time. token_malformed: it was not HTTP, or exceeded a limit. file_unreadable:
  /// the client's certificate, or the key of its proofs, cannot be used.
  virtual base::Result<Answer> post(const TokenRequest& request) = 0;

  /// Ends the current request, and makes every later one fail at once.
  virtual void cancel() = 0;
};

struct EndpointOptions {
  http::Url url;
  /// For a person: the server's name, and the setting with its address.
  std::string_view what = "token endpoint", setting = "token_url";
  std::string ca_file;                                      ///< PEM; empty: the system's store
  std::string client_cert_file = {}, client_key_file = {};  ///< see net::TlsOptions
  net::EgressOptions egress = {};
  base::Duration connect_timeout;  ///< for name, TCP and TLS together
  base::Duration answer_timeout;   ///< from the request's first byte to the answer's last

  wire::Destination destination() const {
    return {url, ca_file, client_cert_file, client_key_file, egress};
  }

  net::DialedServer server() const {
    return {url.host,
            url.authority(),
            what,
            setting,
            !ca_file.empty(),
            !client_cert_file.empty(),
            egress.proxy_for(url.host).used(),
            connect_timeout};
  }
};

/// HTTP/1.1, one connection a request, certificates verified, redirects not followed (they would
/// take the secret elsewhere). `clock` must outlive the endpoint; for `lookup` see net::Resolver.
std::unique_ptr<Endpoint> make_http_endpoint(EndpointOptions options, const base::Clock& clock,
                                             net::Resolver::Lookup lookup = net::resolve);

}  // namespace bearer::token
