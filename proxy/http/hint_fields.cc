#include "http/hint_fields.h"

#include <algorithm>
#include <cassert>

#include "base/text.h"

namespace bearer::http {

const HintField& hint_field(const Field& field) {
  assert(field.id == FieldName::hint);
  return *std::ranges::find_if(
      kHintFields, [&](const HintField& row) { return base::iequals(row.name, field.name); });
}

}  // namespace bearer::http
