// Writes lines to a descriptor without ever waiting for its reader, because the data plane writes
// them.
#pragma once

#include <string_view>

namespace bearer::base {

/// Returns 0 if all of it was written, else the errno: EAGAIN if the reader of a pipe, a socket or
/// a terminal has stopped reading; then the line, or the rest of a very long one, is lost. Writers
/// to one descriptor must take turns, because two threads would both see the same room.
int write_line(int fd, std::string_view line);

}  // namespace bearer::base
