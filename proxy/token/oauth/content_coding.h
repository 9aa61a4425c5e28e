// Decodes a token endpoint's response that a gateway compressed although nobody asked for it (RFC
// 9110 section 8.4.1).
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

#include "base/secret.h"

namespace bearer::token {

/// `body` without its coding: gzip, also in several members, zlib, and the bare deflate data that
/// some servers send as `deflate`. What the bytes are counts before `codings`, the Content-Encoding
/// field's value: it may name a coding that an intermediary has undone, or none at all (`utf-8`). A
/// body that was coded twice is decoded twice.
///
/// nullopt for another coding that is really one (`br`), for damaged data, and if the result is
/// larger than `bytes_max`.
std::optional<base::Secret> decode_content(std::string_view codings, const base::Secret& body,
                                           std::size_t bytes_max);

}  // namespace bearer::token
