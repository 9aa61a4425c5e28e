// Bytes with nothing behind them, not even a NUL, so that a sanitizer sees a read past their end.
#pragma once

#include <string_view>
#include <vector>

namespace bearer::http {

class ExactBytes {
 public:
  explicit ExactBytes(std::string_view text) : bytes_(text.begin(), text.end()) {}

  operator std::string_view() const { return {bytes_.data(), bytes_.size()}; }

 private:
  std::vector<char> bytes_;
};

}  // namespace bearer::http
