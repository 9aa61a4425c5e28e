#include <utility>

#include "token/oauth/endpoint.h"
#include "token/oauth/http_request.h"

namespace bearer::token {
namespace {

class HttpEndpoint final : public Endpoint {
 public:
  HttpEndpoint(EndpointOptions options, net::Loop& loop, net::Resolver& resolver)
      : options_(std::move(options)), loop_(loop), resolver_(resolver) {}

  net::Task<base::Result<Answer>> send(const TokenRequest& request) override {
    return http_request(loop_, resolver_, options_, request);
  }

 private:
  const EndpointOptions options_;
  net::Loop& loop_;
  net::Resolver& resolver_;
};

}  // namespace

std::unique_ptr<Endpoint> make_http_endpoint(EndpointOptions options, net::Loop& loop,
                                             net::Resolver& resolver) {
  return std::make_unique<HttpEndpoint>(std::move(options), loop, resolver);
}

}  // namespace bearer::token
