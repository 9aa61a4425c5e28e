// Prefer: wait (RFC 7240 section 4.3), with which a client says how long it is ready to wait.
#pragma once

#include <optional>

#include "base/clock.h"
#include "http/fields.h"

namespace bearer::http {

/// The first well-formed `wait` of all Prefer fields, ten years at most; nullopt if there is none.
std::optional<base::Duration> prefer_wait(const FieldList& fields);

}  // namespace bearer::http
