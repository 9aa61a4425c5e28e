// Reads and writes gRPC's HTTP fields ("gRPC over HTTP/2"): how a call failed, and how long its
// client waits for it.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "http/fields.h"
#include "http/message.h"

namespace bearer::http {

/// The statuses of gRPC that the proxy treats specially, or gives itself.
enum class GrpcStatus {
  deadline_exceeded = 4,
  permission_denied = 7,
  resource_exhausted = 8,
  unimplemented = 12,
  internal = 13,
  unavailable = 14,
  unauthenticated = 16,
};

/// True for gRPC's Content-Type: `application/grpc`, `application/grpc+proto`. Not gRPC-Web's.
bool is_grpc(const FieldList& fields);

/// A call that ended before a message of its answer. gRPC calls such a response trailers-only, and
/// does not count it as a commitment: a client may still retry (gRFC A6).
struct GrpcFailure {
  int status = 0;  ///< 1 to 16
  /// The wait that the server asks for, by grpc-retry-pushback-ms, else by a RetryInfo in its
  /// details.
  std::optional<base::Duration> delay = {};
  /// The server forbids a retry: the wait is negative or not a number (gRFC A6).
  bool retry_forbidden = false;

  bool operator==(const GrpcFailure&) const = default;
};
/// nullopt for a call that succeeded, or one whose response has begun.
std::optional<GrpcFailure> grpc_failure(const ResponseHead& head);

/// Reads grpc-timeout; nullopt if it is missing or malformed.
std::optional<base::Duration> grpc_timeout(const FieldList& fields);

/// The grpc-status of a reply of ours that has this HTTP status.
int grpc_status_of(int status);
/// A grpc-message: printable ASCII, everything else percent-encoded.
std::string grpc_message(std::string_view text);

}  // namespace bearer::http
