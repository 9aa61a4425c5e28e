#include "wire/connect.h"

#include <utility>

#include "net/dialer.h"
#include "net/tls_context.h"

namespace bearer::wire {

net::Task<base::Result<std::unique_ptr<net::Stream>>> connect(net::Loop& loop,
                                                              net::Resolver& resolver,
                                                              Destination to, net::Wait wait,
                                                              net::Alpn alpn) {
  std::unique_ptr<net::TlsContext> tls;
  if (to.url.tls) {
    auto made =
        net::TlsContext::make({to.ca_file, to.url.host, to.client_cert_file, to.client_key_file});
    if (!made) co_return made.error();
    tls = std::move(*made);
  }
  net::TcpDialer dialer(loop, resolver, to.url.host, to.url.port, std::move(tls),
                        to.egress.proxy_for(to.url.host));
  auto dialed = co_await dialer.dial(wait, alpn);
  if (!dialed) co_return dialed.error();
  co_return std::move(dialed->stream);
}

}  // namespace bearer::wire
