#include "config/rate.h"

#include <chrono>
#include <string>

#include "base/text.h"

namespace bearer::config {

std::optional<relay::Rate> parse_rate(std::string_view text) {
  using namespace std::chrono_literals;
  constexpr std::uint64_t kRequestsMax = 1'000'000;
  const auto requests = base::parse_decimal(base::take_until(text, '/'));
  if (!requests || *requests == 0 || *requests > kRequestsMax || text.empty()) return std::nullopt;
  // A unit alone stands for one of it; a number alone would be a guess.
  const bool unit_alone = !base::is_digit(text.front());
  const bool number_alone = base::is_digit(text.back());
  const auto period =
      base::parse_duration(unit_alone ? "1" + std::string(text) : std::string(text));
  if (number_alone || !period || *period <= 0s || *period > 24h) return std::nullopt;
  return relay::Rate{*requests, *period};
}

}  // namespace bearer::config
