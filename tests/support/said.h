// A text holds a part, or not. Where a CHECK of it fails, the report shows the whole text.
#pragma once

#include <ostream>
#include <string>
#include <string_view>

namespace bearer::test {

class Said {
 public:
  Said(std::string_view text, std::string_view part)
      : text_(text), holds_(text.find(part) != std::string_view::npos) {}

  explicit operator bool() const { return holds_; }
  friend std::ostream& operator<<(std::ostream& out, const Said& said) { return out << said.text_; }

 private:
  std::string text_;
  bool holds_;
};

inline Said says(std::string_view text, std::string_view part) {
  return {text, part};
}

}  // namespace bearer::test
