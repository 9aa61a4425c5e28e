// How long the other side says that it waits: a client for its answer, a server for the next
// request.
#pragma once

#include <optional>

#include "base/clock.h"
#include "http/fields.h"

namespace bearer::http {

/// Prefer: wait (RFC 7240 section 4.3), with which a client says how long it is ready to wait: the
/// first well-formed one of all Prefer fields, ten years at most; nullopt if there is none.
std::optional<base::Duration> prefer_wait(const FieldList& fields);

/// Keep-Alive (RFC 2068 section 19.7.1.1), with which a server says how long it keeps a connection
/// that is idle: the shortest well-formed `timeout` of all Keep-Alive fields, ten years at most;
/// nullopt if there is none.
std::optional<base::Duration> keep_alive_timeout(const FieldList& fields);

}  // namespace bearer::http
