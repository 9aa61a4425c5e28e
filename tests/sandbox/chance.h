// Chance that is a pure function of what went in: the same seed gives the same data and the same
// faults on every machine, whatever runs beside it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace bearer::sandbox {

/// SplitMix64's step: a bijection, so distinct values stay distinct.
constexpr std::uint64_t mix(std::uint64_t value) {
  value += 0x9e3779b97f4a7c15;
  value = (value ^ (value >> 30)) * 0xbf58476d1ce4e5b9;
  value = (value ^ (value >> 27)) * 0x94d049bb133111eb;
  return value ^ (value >> 31);
}

/// FNV-1a.
constexpr std::uint64_t hash(std::string_view text) {
  std::uint64_t sum = 0xcbf29ce484222325;
  for (const char c : text) sum = (sum ^ static_cast<unsigned char>(c)) * 0x100000001b3;
  return sum;
}

/// Uniform in [0, 1).
constexpr double unit(std::uint64_t mixed) {
  return static_cast<double>(mixed >> 11) * 0x1p-53;
}

/// A UUID of its own for each index below 2^64 of the same seed.
std::string make_uuid(std::uint64_t seed, std::uint64_t index);

}  // namespace bearer::sandbox
