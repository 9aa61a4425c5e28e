// The parts that all replies of our own have.
#pragma once

#include <string>
#include <string_view>

namespace bearer::wire {

/// "HTTP/1.1 200 OK" and the line's end.
std::string status_line(int status);

/// Ends a head, and appends `body`.
void end_head(std::string& message, bool close, std::string_view body);

/// Problem details (RFC 9457) and a line break. `more` are further members, each after its comma.
std::string problem_details(std::string_view type, int status, std::string_view detail,
                            std::string_view more = {});

}  // namespace bearer::wire
