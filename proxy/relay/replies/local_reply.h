// The proxy's own replies (deploy/docs/outcomes.md): problem details (RFC 9457) with a Proxy-Status
// (RFC 9209), by which a client can tell them from responses.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/errc.h"
#include "http/head_fault.h"
#include "wire/reply.h"

namespace bearer::relay {

struct LocalReply {
  int status = 0;
  /// A type of RFC 9209 section 2.3 or one of ours, by which the reply is counted; a literal.
  std::string_view error;
  std::string detail;  ///< what happened, which setting, what to do; printable, holds no secret
  std::optional<base::Duration> retry_after = {};
  std::string json = {};   ///< the body of a reply without a problem
  std::string lines = {};  ///< further field lines, each with its CRLF
  bool grpc = false;       ///< it answers a gRPC call, with a grpc-status instead of a problem
  int attempts = 0;        ///< made at the upstream
  bool unsound = false;    ///< the request's end is unknown: its connection ends with the reply
};

/// A reply without a problem: 204 and those lines.
[[gnu::cold]] LocalReply no_content(std::string lines);

/// The reply to a request that could not be completed, by the fault's row in the table.
[[gnu::cold]] LocalReply reply_for(base::Errc fault, std::string_view detail);

/// The reply to a request whose head is refused: 400, 431 or 501. It names the field or byte at
/// fault if `head`, the bytes as they came, is given.
[[gnu::cold]] LocalReply malformed_request(http::HeadFault fault, std::string_view head = {});

/// The whole message.
std::string serialize(const LocalReply& reply, wire::ReplyForm form);

}  // namespace bearer::relay
