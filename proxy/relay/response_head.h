// Makes the head of an upstream's response as the client gets it (deploy/docs/outcomes.md).
#pragma once

#include <string>

#include "http/framing.h"
#include "http/message.h"
#include "relay/request.h"

namespace bearer::relay {

/// The framing with which the client gets the message.
struct ResponseFraming {
  /// none or length: as the upstream framed it. chunked: we split it into chunks. until_close: as
  /// it comes, and the connection ends with it.
  http::Framing::Kind framing = http::Framing::Kind::none;
  bool close = false;     ///< the connection ends after it
  bool relinked = false;  ///< its body is a LinkedBody
  int attempts = 1;
};

/// The framing with which the client of `request` gets a body that the upstream sent with
/// `framing`. The length of a relinked body is not known in advance.
http::Framing::Kind delivery_framing(const Request& request, const http::Framing& framing,
                                     bool relinked);

/// Appends the whole head, empty line included: the upstream's fields in their order and spelling,
/// with links rewritten and without the hop-by-hop fields, then ours. False if the head cannot be
/// forwarded safely; `out` is of no use then.
bool append_response_head(std::string& out, const http::ResponseHead& head, const Request& request,
                          const ResponseFraming& framing_out);

/// The same for a 101 that opens a tunnel.
bool append_switch_head(std::string& out, const http::ResponseHead& head, const Request& request,
                        int attempts);

/// The same for an interim response: 100 to 199, except 101.
bool append_interim_head(std::string& out, const http::ResponseHead& head, const Request& request);

}  // namespace bearer::relay
