#include <mutex>
#include <utility>

#include "net/loop.h"
#include "net/resolver.h"
#include "net/task.h"
#include "token/endpoint.h"
#include "token/http_request.h"

namespace bearer::token {
namespace {

/// Runs the data plane's own coroutines to their end on the calling thread, in a loop that lives
/// for one request: so a request can be bounded as a whole and be ended at any point, which a
/// blocking client offers neither of.
class HttpEndpoint final : public Endpoint {
 public:
  HttpEndpoint(EndpointOptions options, const base::Clock& clock)
      : options_(std::move(options)), clock_(clock) {}

  Outcome<Answer> post(const TokenRequest& request) override;
  void cancel() override;

 private:
  net::Task<void> run(net::Loop& loop, const TokenRequest& request, Outcome<Answer>& outcome);
  /// Makes `loop` the one that cancel() stops, or none.
  void running(net::Loop* loop);

  const EndpointOptions options_;
  const base::Clock& clock_;
  net::Resolver resolver_;

  std::mutex mutex_;
  net::Loop* running_ = nullptr;
  bool cancelled_ = false;
};

Outcome<Answer> HttpEndpoint::post(const TokenRequest& request) {
  net::Loop loop(clock_);
  Outcome<Answer> outcome =
      Failure{base::Errc::token_unreachable, "the token request was cancelled", {}, {}};
  net::Task<void> task = run(loop, request, outcome);  // ends with this scope, wherever it is
  running(&loop);
  task.start();
  loop.run();
  running(nullptr);
  return outcome;
}

net::Task<void> HttpEndpoint::run(net::Loop& loop, const TokenRequest& request,
                                  Outcome<Answer>& outcome) {
  outcome = co_await http_request(loop, resolver_, options_, request);
  loop.stop();
}

void HttpEndpoint::running(net::Loop* loop) {
  const std::lock_guard lock(mutex_);
  running_ = loop;
  if (loop && cancelled_) loop->stop();
}

void HttpEndpoint::cancel() {
  const std::lock_guard lock(mutex_);
  cancelled_ = true;
  if (running_) running_->stop();
}

}  // namespace

std::unique_ptr<Endpoint> make_http_endpoint(EndpointOptions options, const base::Clock& clock) {
  return std::make_unique<HttpEndpoint>(std::move(options), clock);
}

}  // namespace bearer::token
