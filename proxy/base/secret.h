// A value that must not be seen: it wipes itself, prints as ***, and is revealed only by name.
#pragma once

#include <ostream>
#include <span>
#include <string>
#include <string_view>
#include <utility>

namespace bearer::base {

class Secret {
 public:
  Secret() = default;
  explicit Secret(std::string value) : value_(std::move(value)) {}
  Secret(const Secret&) = default;
  Secret(Secret&& other) noexcept : value_(std::move(other.value_)) { other.wipe(); }
  Secret& operator=(const Secret& other);
  Secret& operator=(Secret&& other) noexcept;
  ~Secret() { wipe(); }

  bool empty() const { return value_.empty(); }
  bool operator==(const Secret&) const = default;

  /// The value itself, valid as long as this object. The caller keeps no copy, or wipes it.
  std::string_view reveal() const { return value_; }

  /// Removes the value from texts of others, which may quote what they were sent, also cut short.
  void redact(std::string& text) const;

 private:
  void wipe() noexcept;

  std::string value_;
};

/// Replaces every one of `secrets` in `text` with ***, also a beginning of 12 bytes of one, or of 4
/// at the text's end, which may be a quote cut short. A secret of less than 4 bytes stays: it
/// occurs in words that have nothing to do with it, and the rest of those words would reveal it.
void redact(std::string& text, std::span<const std::string_view> secrets);

/// Overwrites the bytes of `text`, its spare capacity included, and empties it.
void wipe(std::string& text) noexcept;

inline std::ostream& operator<<(std::ostream& out, const Secret&) {
  return out << "***";
}

}  // namespace bearer::base
