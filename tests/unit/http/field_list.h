// Fields for a test, written as they are read: {{"Retry-After", "5"}, {"Date", "…"}}.
#pragma once

#include <initializer_list>
#include <string_view>
#include <utility>

#include "http/fields.h"

namespace bearer::http::test {

/// The literals must outlive it.
class Fields {
 public:
  Fields(std::initializer_list<std::pair<std::string_view, std::string_view>> fields) {
    for (const auto& [name, value] : fields) list_.push({name, value, field_name(name)});
  }
  operator const FieldList&() const { return list_; }

 private:
  FieldList list_;
};

}  // namespace bearer::http::test
