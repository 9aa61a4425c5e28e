// The messages that went over a connection, read by the strict parser.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "http/message.h"

namespace bearer::fuzz {

struct Message {
  std::string head;
  http::Method method = http::Method::other;  ///< of a request
  std::string method_text, target;            ///< of a request
  int status = 0;                             ///< of a response
  std::string body;                           ///< its data, as far as it came
  bool whole = false;                         ///< and it came to its end
};

struct Transcript {
  std::vector<Message> messages;  ///< only the last one may not be whole
  bool sound = true;              ///< false: bytes follow that are no message
};

/// With `tunnel`, a request for an Upgrade is the last.
Transcript requests_in(std::string_view bytes, bool tunnel);

/// Final responses to `requests`, in their order; a 101 is the last. `ended`: the stream came to an
/// orderly end, which is a body's where no length says otherwise.
Transcript responses_in(std::string_view bytes, const std::vector<Message>& requests, bool ended);

}  // namespace bearer::fuzz
