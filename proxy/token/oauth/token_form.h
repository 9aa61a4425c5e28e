// The form of a token request, to which grant and client authentication add.
#pragma once

#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include "base/secret.h"

namespace bearer::token {

class TokenForm {
 public:
  TokenForm() = default;
  TokenForm(const TokenForm&) = delete;  // fields are views into `kept_`
  TokenForm& operator=(const TokenForm&) = delete;

  /// Both texts must outlive the form.
  void add(std::string_view name, std::string_view value) { fields_.push_back({name, value}); }
  /// Adds a parameter that a person wrote. In JSON, one that is a JSON object or array is that.
  void add_written(std::string_view name, base::Secret value) {
    fields_.push_back({name, keep(std::move(value)), /*written=*/true});
  }
  /// Leaves out an empty value: a parameter without a value counts as omitted (RFC 6749 3.2).
  void add_unless_empty(std::string_view name, std::string_view value) {
    if (!value.empty()) add(name, value);
  }
  void add(std::string_view name, base::Secret value) { add(name, keep(std::move(value))); }

  /// Keeps a secret of this request for as long as the form lives, and returns its value.
  std::string_view keep(base::Secret secret);

  /// The value of the first field of that name; empty if there is none.
  std::string_view value(std::string_view name) const;

  base::Secret encoded() const;
  /// The name of a field that JSON cannot hold, because it is not UTF-8; empty if there is none.
  std::string_view not_text() const;
  /// A JSON object of texts; a name that occurs more than once becomes an array.
  base::Secret json() const;

  /// Notes that a Basic authorization has the id or secret in an escaped form (RFC 6749 2.3.1).
  void note_basic_escapes() { basic_escapes_ = true; }
  bool basic_escapes() const { return basic_escapes_; }

  /// Removes every kept secret from `text`: a server may quote what it was sent.
  void redact(std::string& text) const;

 private:
  struct Field {
    std::string_view name, value;
    bool written = false;  ///< see add_written()
  };

  std::vector<Field> fields_;
  bool basic_escapes_ = false;
  std::deque<base::Secret> kept_;  // a deque: its elements stay where they are
};

}  // namespace bearer::token
