// Logs what a person who runs the proxy wants to know: each retry and its reason, each refusal, and
// what to do about it. At debug, each attempt and each request too.
#pragma once

#include <array>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "base/recurrence.h"
#include "relay/telemetry/access_log.h"
#include "relay/telemetry/observer.h"

namespace bearer::relay {

/// Thread-safe.
class LogObserver final : public Observer {
 public:
  /// `access_log` may be null, or outlives this object.
  explicit LogObserver(AccessLog* access_log) : access_log_(access_log) {}

  void attempt_ended(const AttemptEnd& end) override;
  void replied(const Request& request, const LocalReply& reply, base::Instant now) override;
  void exchange_ended(const ExchangeEnd& end) override;
  void body_not_kept(const Request& request, const base::Error& why) override;
  void held(const Request& request, const WaitUnderWay& wait, base::Instant now) override;
  void response_cut(const Request& request, const base::Error& why) override;
  void upload_cut(const Request& request, const base::Error& why) override;
  void not_replayed(const Request& request, const base::Error& why) override;
  void links_lead_away(const Request& request) override;
  void peer_refused(const net::Peer& peer, base::Instant now) override;
  void http2_failed(std::string_view why, base::Instant now) override;
  void no_place(std::size_t clients, base::Instant now) override;
  void accepting_failed(int error, base::Instant now) override;
  void accepting_recovered(base::Instant now) override;

 private:
  void warn_of_attempt(std::string_view sentence, const AttemptEnd& end);
  /// The number of requests held like this since the last report, if one is due now.
  std::optional<std::int64_t> held_untold(const Request& request, WaitFor reason,
                                          base::Instant now);

  AccessLog* const access_log_;
  /// The held requests by route, counted because thousands may wait for the same thing.
  std::map<std::string, std::array<base::Recurrence, kWaitNames.size()>> held_;
  std::mutex held_mutex_;
  base::Repetitions failures_;  // an upstream that is down fails thousands of requests alike
  base::Recurrence peers_refused_, http2_failed_, no_place_;
  base::Recurrence accepting_failed_;  // each loop tries again ten times a second
};

}  // namespace bearer::relay
