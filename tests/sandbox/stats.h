// Counts what the sandbox did, for those who must prove what a proxy in front of it did.
#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <nlohmann/json.hpp>
#include <string>

#include "tests/sandbox/faults.h"
#include "tests/sandbox/token_mint.h"

namespace bearer::sandbox {

/// Any method from any thread.
class Stats {
 public:
  void refused(Verdict verdict);
  void fault(Fault fault);
  /// `route` is a name such as `GET /api/v2/users`, `outcome` a status or `reset`.
  void answered(const std::string& route, const std::string& outcome);

  /// A JSON object: `refused` holds the 401s by reason, `faults` those injected by kind, `answers`
  /// the outcomes of each route.
  nlohmann::ordered_json to_json() const;

 private:
  using Counts = std::map<std::string, std::uint64_t>;

  mutable std::mutex mutex_;
  Counts refused_ = {{"none", 0}, {"unknown", 0}, {"expired", 0}, {"revoked", 0}};
  Counts faults_ = {{"401", 0}, {"429", 0}, {"5xx", 0}, {"reset", 0}, {"delay", 0}, {"after", 0}};
  std::map<std::string, Counts> answers_;
};

}  // namespace bearer::sandbox
