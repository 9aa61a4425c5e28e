#include "token/token_form.h"

#include <algorithm>
#include <utility>

namespace bearer::token {

std::string_view TokenForm::keep(base::Secret secret) {
  return kept_.emplace_back(std::move(secret)).reveal();
}

std::string_view TokenForm::value(std::string_view name) const {
  const auto found = std::ranges::find(fields_, name, &http::FormField::name);
  return found == fields_.end() ? std::string_view() : found->value;
}

void TokenForm::redact(std::string& text) const {
  for (const base::Secret& secret : kept_) secret.redact(text);
}

}  // namespace bearer::token
