// Lines for whoever reads them at the other end of a descriptor, and never a wait for that reader:
// the data plane writes them on its way.
#pragma once

#include <string_view>

namespace bearer::base {

/// 0 if all of it was written, else the errno: EAGAIN where the reader of a pipe, a socket or a
/// terminal has stopped reading; then the line, or the rest of a very long one, is lost. Two
/// threads would both see the room that is there for one: those who write to one descriptor take
/// turns.
int write_line(int fd, std::string_view line);

}  // namespace bearer::base
