#include "http/site.h"

#include <algorithm>

#include "base/text.h"

namespace bearer::http {

bool own_origin(std::string_view origin, std::string_view authority) {
  return base::istarts_with(origin, "http://") && base::iequals(origin.substr(7), authority);
}

bool fetched_across_sites(const FieldList& fields) {
  return std::ranges::any_of(fields, [](const Field& field) {
    return field.id == FieldName::sec_fetch_site &&
           (base::iequals(field.value, "cross-site") || base::iequals(field.value, "same-site"));
  });
}

}  // namespace bearer::http
