#include "http/hint_fields.h"

#include <algorithm>
#include <cassert>

#include "base/text.h"

namespace bearer::http {

const HintField& hint_field(std::string_view name) {
  const auto row = std::ranges::find_if(
      kHintFields, [&](const HintField& one) { return base::iequals(one.name, name); });
  assert(row != kHintFields.end());
  return *row;
}

}  // namespace bearer::http
