// A token endpoint's answer that some gateway compressed, though nobody asked for it (RFC 9110
// section 8.4.1).
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

#include "base/secret.h"

namespace bearer::token {

/// `body` without its `coding`, the Content-Encoding field's value: gzip, x-gzip, deflate, identity
/// or none. nullopt for any other coding, for damaged data, and where more than `bytes_max` come
/// out of it.
std::optional<base::Secret> decode_content(std::string_view coding, const base::Secret& body,
                                           std::size_t bytes_max);

}  // namespace bearer::token
