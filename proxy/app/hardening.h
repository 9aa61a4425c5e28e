// What the process does to itself before it knows a secret.
#pragma once

namespace bearer::app {

/// Opens what is closed of stdin, stdout and stderr, so that nothing comes from there and what is
/// written there fails: or the first sockets would take their numbers, and the log would be written
/// into somebody's connection.
void hold_standard_streams();

/// No core file, and no debugger of the same user: both would hold tokens. And SIGPIPE is ignored:
/// a peer that leaves is an error of one write, not the end of the process; likewise SIGXFSZ: a
/// file at its limit. SIGCHLD is as by default: ignored, no command would leave a status. A kernel
/// that refuses a step is said in the log, nothing more: the proxy works without it.
void harden();

}  // namespace bearer::app
