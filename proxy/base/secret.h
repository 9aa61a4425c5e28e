// A value that must not be seen: it wipes itself, prints as ***, and is revealed by name only.
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

  /// The value itself. Called where it is put into a token request or an Authorization field, and
  /// nowhere else; what it was copied into is the caller's to wipe. Valid while this object is.
  std::string_view reveal() const { return value_; }

  /// Takes the value out of what others say: they may quote what they were sent, also cut short.
  void redact(std::string& text) const;

 private:
  void wipe() noexcept;

  std::string value_;
};

/// Puts *** wherever one of `secrets` stands in `text`, also a beginning of 12 bytes of one, or of
/// 4 at the text's end: a quote that somebody cut short. A secret of less than 4 bytes stays: it is
/// in words that have nothing to do with it, and what is left of them would tell it.
void redact(std::string& text, std::span<const std::string_view> secrets);

/// Overwrites the bytes of `text`, its spare capacity included, and empties it.
void wipe(std::string& text) noexcept;

inline std::ostream& operator<<(std::ostream& out, const Secret&) {
  return out << "***";
}

}  // namespace bearer::base
