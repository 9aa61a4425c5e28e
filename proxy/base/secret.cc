#include "base/secret.h"

#include <openssl/crypto.h>

#include <algorithm>
#include <cstddef>

namespace bearer::base {

void wipe(std::string& text) noexcept {
  text.resize(text.capacity());  // within the capacity: allocates nothing
  OPENSSL_cleanse(text.data(), text.size());
  text.clear();
}

void Secret::redact(std::string& text) const {
  constexpr std::size_t kRecognisedBytes = 12;  // of a quote that is cut short
  constexpr std::string_view kStars = "***";
  const std::string_view begin = std::string_view(value_).substr(0, kRecognisedBytes);
  if (begin.empty()) return;
  for (auto at = text.find(begin); at != std::string::npos;
       at = text.find(begin, at + kStars.size())) {
    const std::string_view said = std::string_view(text).substr(at);
    const auto end = std::ranges::mismatch(said, value_).in1;
    text.replace(at, static_cast<std::size_t>(end - said.begin()), kStars);
  }
}

void Secret::wipe() noexcept {
  base::wipe(value_);
}

Secret& Secret::operator=(const Secret& other) {
  if (this != &other) {
    wipe();
    value_ = other.value_;
  }
  return *this;
}

Secret& Secret::operator=(Secret&& other) noexcept {
  if (this != &other) {
    wipe();
    value_ = std::move(other.value_);
    other.wipe();
  }
  return *this;
}

}  // namespace bearer::base
