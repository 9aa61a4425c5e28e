#include "base/secret.h"

#include <string.h>

#include <algorithm>
#include <cstddef>
#include <utility>

namespace bearer::base {

void wipe(std::string& text) noexcept {
  text.resize(text.capacity());  // within the capacity: allocates nothing
  ::explicit_bzero(text.data(), text.size());
  text.clear();
}

void redact(std::string& text, std::span<const std::string_view> secrets) {
  constexpr std::size_t kRecognisedBytes = 12;
  constexpr std::size_t kRecognisedAtEndBytes = 4;
  // A shorter text occurs in many words: the gaps would reveal it, and it is easily guessed anyway.
  constexpr std::size_t kSecretBytesMin = 4;
  std::string out;
  for (std::string_view rest = text; !rest.empty();) {
    std::size_t quoted = 0;  // bytes of the longest quote that begins here
    for (const std::string_view secret : secrets) {
      if (secret.size() < kSecretBytesMin) continue;
      const auto end = std::ranges::mismatch(rest, secret).in1;
      const auto same = static_cast<std::size_t>(end - rest.begin());
      const std::size_t enough = same == rest.size() ? kRecognisedAtEndBytes : kRecognisedBytes;
      if (same == secret.size() || same >= enough) quoted = std::max(quoted, same);
    }
    out += quoted > 0 ? "***" : rest.substr(0, 1);
    rest.remove_prefix(std::max<std::size_t>(quoted, 1));
  }
  text = std::move(out);
}

void Secret::redact(std::string& text) const {
  // Code that shows a text to a person may have replaced what is not ASCII with a `?`.
  Secret shown(value_);
  std::ranges::replace_if(
      shown.value_, [](char c) { return c < ' ' || c > '~'; }, '?');
  const std::string_view spellings[] = {value_, shown.value_};
  base::redact(text, spellings);
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
