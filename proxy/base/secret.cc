#include "base/secret.h"

#include <openssl/crypto.h>

namespace bearer::base {

void wipe(std::string& text) noexcept {
  text.resize(text.capacity());  // within the capacity: allocates nothing
  OPENSSL_cleanse(text.data(), text.size());
  text.clear();
}

void Secret::wipe() noexcept { base::wipe(value_); }

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
