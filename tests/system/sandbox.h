// The sandbox as a process of a test: its token endpoint, its API, and what it counted.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "tests/system/program.h"

namespace bearer::test {

/// Listens when the constructor returns; throws std::runtime_error if it does not.
class Sandbox {
 public:
  explicit Sandbox(std::vector<std::string> flags = {});

  Program& program() { return program_; }
  std::string url(const std::string& target = "") const { return origin_ + target; }

  std::string fetch_token() const;
  nlohmann::json stats() const;
  /// The token endpoint answers these next, one a request; see TokenScript.
  void script_tokens(const nlohmann::json& answers) const;
  /// All tokens issued so far.
  void revoke() const;

 private:
  Program program_;
  std::string origin_;
};

}  // namespace bearer::test
