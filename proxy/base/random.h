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

/// 64 bits of the kernel's generator. std::random_device would give them too, but it asks the
/// processor what it can do, and a virtual machine takes 4 us for each such question.
std::uint64_t random_bits();

/// Jitter need not be unpredictable: seeded once from the machine, then cheap. Must not be used for
/// cryptography.
class JitterRandom final : public Random {
 public:
  JitterRandom() : engine_(random_bits()) {}
  explicit JitterRandom(std::uint64_t seed) : engine_(seed) {}
  double unit() override { return std::uniform_real_distribution<>(0.0, 1.0)(engine_); }

 private:
  std::mt19937_64 engine_;
};

/// 128 random bits as 32 lower-case hex digits.
std::string random_id();

}  // namespace bearer::base
