// Decodes a token endpoint's response that a gateway compressed although nobody asked for it (RFC
// 9110 section 8.4.1).
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

#include "base/secret.h"

namespace bearer::token {

/// `body` without its `coding`, the Content-Encoding field's value: gzip, x-gzip, deflate, identity
/// or none. nullopt for any other coding, for damaged data, and if the result is larger than
/// `bytes_max`.
std::optional<base::Secret> decode_content(std::string_view coding, const base::Secret& body,
                                           std::size_t bytes_max);

}  // namespace bearer::token
