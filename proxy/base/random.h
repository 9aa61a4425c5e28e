// Random numbers, passed in so that a test controls them, and ids that nobody can guess.
#pragma once

#include <cstdint>
#include <random>
#include <string>

namespace bearer::base {

/// Used by one thread at a time.
class Random {
 public:
  virtual ~Random() = default;
  /// Uniform in [0, 1).
  virtual double unit() = 0;
};

/// Jitter need not be unpredictable: seeded once from the machine, then cheap. Must not be used for
/// cryptography.
class JitterRandom final : public Random {
 public:
  JitterRandom() : engine_(std::random_device{}()) {}
  explicit JitterRandom(std::uint64_t seed) : engine_(seed) {}
  double unit() override { return std::uniform_real_distribution<>(0.0, 1.0)(engine_); }

 private:
  std::mt19937_64 engine_;
};

/// 128 random bits as 32 lower-case hex digits.
std::string random_id();

}  // namespace bearer::base
