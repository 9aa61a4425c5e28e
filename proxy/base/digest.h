// Digests: short values for a text from which the text cannot be recovered.
#pragma once

#include <string>
#include <string_view>

namespace bearer::base {

/// SHA-256 (FIPS 180-4): 32 bytes.
std::string sha256(std::string_view text);

/// HMAC of SHA-256 (RFC 2104): 32 bytes.
std::string hmac_sha256(std::string_view key, std::string_view text);

}  // namespace bearer::base
