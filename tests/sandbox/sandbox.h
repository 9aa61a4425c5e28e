// The sandbox without its sockets: a token endpoint, an API that wants its tokens, and routes to
// practise on. A request goes in, an answer comes out.
#pragma once

#include <string>
#include <vector>

#include "tests/sandbox/analytics.h"
#include "tests/sandbox/dpop_check.h"
#include "tests/sandbox/faults.h"
#include "tests/sandbox/files.h"
#include "tests/sandbox/message.h"
#include "tests/sandbox/orders.h"
#include "tests/sandbox/outage.h"
#include "tests/sandbox/quota.h"
#include "tests/sandbox/stats.h"
#include "tests/sandbox/token_desk.h"
#include "tests/sandbox/users.h"

namespace bearer::sandbox {

struct SandboxOptions {
  MintOptions mint = {};
  ClientOptions client = {};
  GrantOptions grants = {};
  DpopOptions dpop = {};
  std::string token_answers = {};  ///< names for TokenScript::append_names
  FaultOptions faults = {};
  QuotaOptions quota = {};
  OutageOptions outage = {};
  CutOptions cuts = {};
  Milliseconds latency{0};  ///< of each answer of the API
  UserOptions users = {};
  AnalyticsOptions analytics = {};
};

class Sandbox {
 public:
  /// Throws std::invalid_argument if `token_answers` cannot be read, std::runtime_error if a public
  /// key cannot.
  explicit Sandbox(const SandboxOptions& options);
  Sandbox(const Sandbox&) = delete;  // its routes point back at it
  Sandbox& operator=(const Sandbox&) = delete;

  /// From any thread. The caller keeps the answer's delay.
  Answer answer(const Request& request);

 private:
  struct Route {
    std::string method;  ///< empty: any
    std::string path;    ///< with a slash at its end: what begins with it
    bool is_api;         ///< wants a token, has quota and latency, meets faults and the outage
    Handler handler;
  };

  std::vector<Route> make_routes();
  const Route* find_route(const Request& request) const;
  Answer answer_api(const Route& route, const Request& request);
  Answer answer_proven(const Route& route, const Request& request);
  Answer answer_with_latency(const Route& route, const Request& request);
  Answer answer_with_quota(const Route& route, const Request& request);
  Answer answer_or_fault(const Route& route, const Request& request);

  Answer revoke();
  Answer append_token_answers(const Request& request);
  Answer show_stats() const;

  const SandboxOptions options_;
  TokenMint mint_;
  TokenScript script_;
  DpopCheck dpop_;
  TokenDesk desk_;
  Faults faults_;
  Quota quota_;
  Outage outage_;
  Files files_;
  Orders orders_;
  Stats stats_;
  const std::vector<Route> routes_;
};

}  // namespace bearer::sandbox
