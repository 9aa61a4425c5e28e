#include "http/token_list.h"

#include "base/text.h"

namespace bearer::http {

std::optional<std::string_view> next_element(std::string_view& list) {
  while (!list.empty()) {
    const std::string_view element = base::trim(base::take_until(list, ','));
    if (!element.empty()) return element;
  }
  return std::nullopt;
}

bool lists(const FieldList& fields, FieldName name, std::string_view token) {
  if (!fields.has(name)) return false;
  for (const Field& field : fields) {
    if (field.id != name) continue;
    std::string_view rest = field.value;
    while (const auto element = next_element(rest)) {
      if (base::iequals(*element, token)) return true;
    }
  }
  return false;
}

}  // namespace bearer::http
