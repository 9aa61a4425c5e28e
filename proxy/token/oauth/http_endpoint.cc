#include <atomic>
#include <utility>

#include "net/loop.h"
#include "net/resolver.h"
#include "net/run.h"
#include "token/oauth/endpoint.h"
#include "token/oauth/http_request.h"

namespace bearer::token {
namespace {

/// Runs the data plane's own coroutines to their end on the calling thread, in a loop of its own.
/// So a request can be bounded as a whole and ended at any point; a blocking client offers neither.
class HttpEndpoint final : public Endpoint {
 public:
  HttpEndpoint(EndpointOptions options, const base::Clock& clock, net::Resolver::Lookup lookup)
      : options_(std::move(options)), loop_(clock), resolver_(std::move(lookup)) {}

  base::Result<Answer> post(const TokenRequest& request) override;
  void cancel() override;

 private:
  const EndpointOptions options_;
  net::Loop loop_;
  // After the loop, because answers go there, even if their request has given up.
  net::Resolver resolver_;
  std::atomic<bool> cancelled_ = false;
};

base::Result<Answer> HttpEndpoint::post(const TokenRequest& request) {
  const base::Error cancelled{base::Errc::token_unreachable, "the token request was cancelled"};
  if (cancelled_) return cancelled;
  return net::run<base::Result<Answer>>(loop_, http_request(loop_, resolver_, options_, request),
                                        cancelled);
}

// The loop remembers: a request that begins right after the check above ends in its first turn.
void HttpEndpoint::cancel() {
  cancelled_ = true;
  loop_.stop();
}

}  // namespace

std::unique_ptr<Endpoint> make_http_endpoint(EndpointOptions options, const base::Clock& clock,
                                             net::Resolver::Lookup lookup) {
  return std::make_unique<HttpEndpoint>(std::move(options), clock, std::move(lookup));
}

}  // namespace bearer::token
