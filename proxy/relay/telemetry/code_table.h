// The statuses that are counted: each registered one has a place (RFC 9110 section 15 and its
// registry), and so have the others of each class together.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <string>

namespace bearer::relay {

/// 0: the client left before it got an answer.
inline constexpr auto kCodes = std::to_array<int>({
    0,   100, 101, 103, 200, 201, 202, 203, 204, 205, 206, 207, 208, 226, 300, 301,
    302, 303, 304, 305, 307, 308, 400, 401, 402, 403, 404, 405, 406, 407, 408, 409,
    410, 411, 412, 413, 414, 415, 416, 417, 418, 421, 422, 423, 424, 425, 426, 428,
    429, 431, 451, 500, 501, 502, 503, 504, 505, 506, 507, 508, 510, 511,
});
inline constexpr std::size_t kCodeClasses = 5;
inline constexpr std::size_t kCodePlaces = kCodes.size() + kCodeClasses;

namespace detail {

inline constexpr int kStatusEnd = 1000;
inline constexpr auto kPlaceOf = [] {
  std::array<std::uint8_t, kStatusEnd> places{};
  for (std::size_t status = 100; status < places.size(); ++status) {
    // RFC 9110 section 15: a status above 599 is treated as a 5xx.
    const std::size_t status_class = std::min(status / 100, kCodeClasses);
    places[status] = static_cast<std::uint8_t>(kCodes.size() + status_class - 1);
  }
  for (std::size_t i = 0; i < kCodes.size(); ++i) {
    places[static_cast<std::size_t>(kCodes[i])] = static_cast<std::uint8_t>(i);
  }
  return places;
}();

}  // namespace detail

/// REQUIRES: 0, or 100 to 999.
constexpr std::size_t place_of(int status) {
  return detail::kPlaceOf[static_cast<std::size_t>(status)];
}

/// `404`; `4xx` for the statuses without a place of their own.
inline std::string code_name(std::size_t place) {
  if (place < kCodes.size()) return std::to_string(kCodes[place]);
  return std::to_string(place - kCodes.size() + 1) + "xx";
}

/// 0 if the client left, else the first digit.
constexpr int code_class(std::size_t place) {
  return place < kCodes.size() ? kCodes[place] / 100 : static_cast<int>(place - kCodes.size()) + 1;
}

}  // namespace bearer::relay
