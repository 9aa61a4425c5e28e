// Writes a credential's events to the log, never the value of a token or a secret.
#pragma once

#include <string>

#include "base/clock.h"
#include "token/refresh/observer.h"

namespace bearer::token {

class LogObserver final : public Observer {
 public:
  /// Says where the secret comes from, and so how another one gets to a rejected credential.
  struct Inputs {
    bool in_files = false;        ///< they are watched
    bool in_environment = false;  ///< which nobody can change for a process that runs
  };
  /// `clock` must outlive this object.
  LogObserver(std::string credential, Inputs inputs, const base::Clock& clock)
      : credential_(std::move(credential)), inputs_(inputs), clock_(clock) {}

  void fetched(const Fetched& token, std::uint64_t generation, base::Duration expires_in,
               base::Duration renews_in) override;
  /// Logs a rejection once, and again when its reason changes: a person has to fix it, and a line
  /// each minute would bury it.
  void failed(const base::Error& failure, base::Duration next_try_in) override;
  void forced(std::uint64_t generation) override;
  void held_off(std::uint64_t generation, base::Duration hold_off) override;
  void hold_off_ended() override;

 private:
  const std::string credential_;
  const Inputs inputs_;
  const base::Clock& clock_;
  std::string rejection_said_, remark_said_;  // used by the refresher's thread only
};

}  // namespace bearer::token
