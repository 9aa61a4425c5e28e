// The parts that all replies of our own have.
#pragma once

#include <string>
#include <string_view>

namespace bearer::wire {

/// "HTTP/1.1 200 OK" and the line's end.
std::string status_line(int status);

/// How a reply is written.
struct ReplyForm {
  bool with_body = true;  ///< false for a reply to HEAD, whose fields are the same
  bool close = false;     ///< the connection ends with it
};

/// Ends a head, and appends `body`.
void end_head(std::string& message, bool close, std::string_view body);

/// Problem details (RFC 9457) and a line break. `more` are further members, each after its comma.
std::string problem_details(std::string_view type, int status, std::string_view detail,
                            std::string_view more = {});

}  // namespace bearer::wire
