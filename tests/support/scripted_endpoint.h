// A token endpoint without a network: it gives the answers that a test has scripted.
#pragma once

#include <deque>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "token/oauth/endpoint.h"

namespace bearer::test {

/// Endpoints made one after the other, by make(), that share one script. Records what each was
/// asked.
class EndpointScript {
 public:
  explicit EndpointScript(const base::Clock& clock) : clock_(clock) {}

  /// The next answer.
  void give(int status, std::string body, std::optional<base::Duration> retry_after = {}) {
    outcomes_.push_back(token::Answer{.status = status,
                                      .content_type = "application/json",
                                      .body = base::Secret(std::move(body)),
                                      .retry_after = retry_after,
                                      .sent = clock_.now(),
                                      .wall = clock_.wall()});
  }
  /// The next request gets no answer.
  void fail() { outcomes_.push_back(base::Error{base::Errc::token_unreachable, "no answer"}); }

  struct Asked {
    std::string url;
    token::TokenRequest::Verb verb;
    std::string setting;  ///< that is named where it fails
  };
  std::vector<Asked> asked;

  std::unique_ptr<token::Endpoint> make(token::EndpointOptions options) {
    return std::make_unique<One>(*this, std::move(options));
  }

 private:
  class One final : public token::Endpoint {
   public:
    One(EndpointScript& script, token::EndpointOptions options)
        : script_(script), options_(std::move(options)) {}
    net::Task<base::Result<token::Answer>> send(const token::TokenRequest& request) override {
      script_.asked.push_back({options_.url.text(), request.verb, std::string(options_.setting)});
      if (script_.outcomes_.empty()) {
        co_return base::Error{base::Errc::token_unreachable, "the script is over"};
      }
      auto outcome = std::move(script_.outcomes_.front());
      script_.outcomes_.pop_front();
      co_return outcome;
    }

   private:
    EndpointScript& script_;
    const token::EndpointOptions options_;
  };

  const base::Clock& clock_;
  std::deque<base::Result<token::Answer>> outcomes_;
};

}  // namespace bearer::test
