// Opens a new connection for one request, by the way that the settings say.
#pragma once

#include <memory>
#include <string>

#include "base/result.h"
#include "http/url.h"
#include "net/egress.h"
#include "net/loop.h"
#include "net/resolver.h"
#include "net/stream.h"
#include "net/task.h"
#include "net/tls_context.h"
#include "net/wait.h"

namespace bearer::wire {

/// A server to connect to, and the way to it.
struct Destination {
  http::Url url;             ///< its path does not matter here
  std::string ca_file = {};  ///< see net::TlsOptions, as for the next two
  std::string client_cert_file = {}, client_key_file = {};
  net::EgressOptions egress = {};
};

/// Uses TLS if the URL says so. Errors: those of net::TlsContext::make() and of a net::Dialer.
net::Task<base::Result<std::unique_ptr<net::Stream>>> connect(net::Loop& loop,
                                                              net::Resolver& resolver,
                                                              Destination to, net::Wait wait,
                                                              net::Alpn alpn = net::Alpn::http_1_1);

}  // namespace bearer::wire
