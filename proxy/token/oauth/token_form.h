// The form of a token request while grant and client authentication put it together.
#pragma once

#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include "base/secret.h"
#include "http/form.h"

namespace bearer::token {

class TokenForm {
 public:
  TokenForm() = default;
  TokenForm(const TokenForm&) = delete;  // fields view into what it keeps
  TokenForm& operator=(const TokenForm&) = delete;

  /// Both must outlive the form.
  void add(std::string_view name, std::string_view value) { fields_.push_back({name, value}); }
  /// An empty value is left out: a parameter without a value counts as omitted (RFC 6749 3.2).
  void add_unless_empty(std::string_view name, std::string_view value) {
    if (!value.empty()) add(name, value);
  }
  void add(std::string_view name, base::Secret value) { add(name, keep(std::move(value))); }

  /// Holds a secret of this request as long as the form lives, and answers with its value.
  std::string_view keep(base::Secret secret);

  /// The value of the first field of that name; empty if there is none.
  std::string_view value(std::string_view name) const;

  base::Secret encoded() const { return base::Secret(http::form_encode(fields_)); }
  /// As a JSON object; of a name that occurs more than once, an array. See json_value().
  base::Secret json() const;

  /// That id or secret stand in a Basic authorization otherwise than they are (RFC 6749 2.3.1).
  void note_basic_escapes() { basic_escapes_ = true; }
  bool basic_escapes() const { return basic_escapes_; }

  /// Takes every kept secret out of `text`: a server may quote what it was sent.
  void redact(std::string& text) const;

 private:
  std::vector<http::FormField> fields_;
  bool basic_escapes_ = false;
  std::deque<base::Secret> kept_;  // a deque: its elements stay where they are
};

}  // namespace bearer::token
