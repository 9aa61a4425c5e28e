#include "tests/sandbox/stats.h"

#include <cassert>

namespace bearer::sandbox {

namespace {

std::string name(Verdict verdict) {
  switch (verdict) {
    case Verdict::none: return "none";
    case Verdict::unknown: return "unknown";
    case Verdict::expired: return "expired";
    case Verdict::revoked: return "revoked";
    case Verdict::valid: break;
  }
  assert(false && "a valid token is not refused");
  return "";
}

}  // namespace

void Stats::refused(Verdict verdict) {
  const std::lock_guard lock(mutex_);
  ++refused_[name(verdict)];
}

void Stats::fault(Fault fault) {
  const std::lock_guard lock(mutex_);
  ++faults_[std::string(sandbox::name(fault))];
}

void Stats::answered(const std::string& route, const std::string& outcome) {
  const std::lock_guard lock(mutex_);
  ++answers_[route][outcome];
}

nlohmann::ordered_json Stats::to_json() const {
  const std::lock_guard lock(mutex_);
  return {{"refused", refused_}, {"faults", faults_}, {"answers", answers_}};
}

}  // namespace bearer::sandbox
