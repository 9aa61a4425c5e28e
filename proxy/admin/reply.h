// A reply of the admin port, and its form on the wire.
#pragma once

#include <string>
#include <string_view>

#include "wire/reply.h"

namespace bearer::admin {

struct Reply {
  int status = 200;
  std::string type = "application/json";
  std::string body;
  std::string lines = {};  ///< further field lines, each with its CRLF
  /// The Content-Security-Policy. A reply that is no page may load and run nothing.
  std::string policy = "default-src 'none'; frame-ancestors 'none'";
};

/// One line for a person, passed without its line break.
Reply sentence(int status, std::string_view text);
/// Problem details (RFC 9457).
Reply problem(int status, std::string_view detail);

/// The whole message, with the fields that keep a browser from interpreting it otherwise.
std::string serialize(const Reply& reply, wire::ReplyForm form);

}  // namespace bearer::admin
