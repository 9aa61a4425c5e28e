// application/x-www-form-urlencoded: the body of a token request, and the id and secret inside its
// Basic credentials (RFC 6749 section 2.3.1 and appendix B).
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace bearer::http {

struct FormField {
  std::string_view name;
  std::string_view value;  ///< may be a revealed secret; the caller wipes the encoded text
};

/// Letters, digits and `*-._` stay, a space becomes `+`, every other byte `%XX`. One allocation:
/// growing would leave copies of a secret.
std::string form_encode(std::string_view text);

/// `name=value&name=value`, in the order given.
std::string form_encode(std::span<const FormField> fields);

}  // namespace bearer::http
