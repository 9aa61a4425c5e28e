#include "token/oauth/token_form.h"

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/text.h"
#include "base/utf8.h"
#include "http/form.h"
#include "token/json.h"

namespace bearer::token {

std::string_view TokenForm::keep(base::Secret secret) {
  return kept_.emplace_back(std::move(secret)).reveal();
}

std::string_view TokenForm::value(std::string_view name) const {
  const auto found = std::ranges::find(fields_, name, &Field::name);
  return found == fields_.end() ? std::string_view() : found->value;
}

base::Secret TokenForm::encoded() const {
  std::vector<http::FormField> fields;
  for (const Field& field : fields_) fields.push_back({field.name, field.value});
  return base::Secret(http::form_encode(fields));
}

std::string_view TokenForm::not_text() const {
  const auto found =
      std::ranges::find_if(fields_, [](const Field& field) { return !base::is_utf8(field.value); });
  return found == fields_.end() ? std::string_view() : found->name;
}

base::Secret TokenForm::json() const {
  nlohmann::json object = nlohmann::json::object();
  for (const auto& [name, value, written] : fields_) {
    nlohmann::json made = written ? json_value(value) : nlohmann::json(value);
    const auto found = object.find(name);
    if (found == object.end()) {
      object[std::string(name)] = std::move(made);
    } else if (found->is_array()) {
      found->push_back(std::move(made));
    } else {
      *found = nlohmann::json::array({*found, std::move(made)});
    }
  }
  base::Secret text(json_text(object));
  wipe_texts(object);
  return text;
}

void TokenForm::redact(std::string& text) const {
  std::vector<base::Secret> spelled;
  for (const base::Secret& secret : kept_) {
    spelled.emplace_back(http::form_encode(secret.reveal()));
    spelled.emplace_back(base::printable(secret.reveal(), secret.reveal().size()));
  }
  std::vector<std::string_view> spellings;
  for (const base::Secret& secret : kept_) spellings.push_back(secret.reveal());
  for (const base::Secret& secret : spelled) spellings.push_back(secret.reveal());
  base::redact(text, spellings);
}

}  // namespace bearer::token
