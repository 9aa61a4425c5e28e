// Keep-Alive (RFC 2068 section 19.7.1.1), with which a server says how long it keeps a connection
// that is idle.
#pragma once

#include <optional>

#include "base/clock.h"
#include "http/fields.h"

namespace bearer::http {

/// The shortest well-formed `timeout` of all Keep-Alive fields, ten years at most; nullopt if there
/// is none.
std::optional<base::Duration> keep_alive_timeout(const FieldList& fields);

}  // namespace bearer::http
