// JSON that others wrote, as a document.
#pragma once

#include <nlohmann/json.hpp>
#include <string_view>

#include "base/json.h"

namespace bearer::token {

/// Discarded, which is no object, if `text` is no JSON or base::json_too_deep(). The parser's own
/// scratch holds what it read until its memory is used again: a secret there cannot be wiped.
inline nlohmann::json parse_json(std::string_view text) {
  if (base::json_too_deep(text)) return nlohmann::json::value_t::discarded;
  return nlohmann::json::parse(text, nullptr, /*allow_exceptions=*/false);
}

}  // namespace bearer::token
