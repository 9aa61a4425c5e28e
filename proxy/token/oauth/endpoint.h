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
#include "net/loop.h"
#include "net/resolver.h"
#include "net/task.h"
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

/// The seam: tests of the layers above script the answers. Used on its loop's thread.
class Endpoint {
 public:
  virtual ~Endpoint() = default;

  /// Any answer of HTTP's is an Answer, also a 500. token_unreachable: there was none, for a reason
  /// of the network, of TLS or of time. token_malformed: it was not HTTP, or over a limit.
  /// file_unreadable: the client's certificate, or the key of its proofs, cannot be used. The
  /// request outlives the task, whose destruction ends it.
  virtual net::Task<base::Result<Answer>> send(const TokenRequest& request) = 0;
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
/// take the secret elsewhere). Both must outlive the endpoint.
std::unique_ptr<Endpoint> make_http_endpoint(EndpointOptions options, net::Loop& loop,
                                             net::Resolver& resolver);

}  // namespace bearer::token
