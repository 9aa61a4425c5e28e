// The command `exec`.
#pragma once

#include "app/process.h"
#include "config/command_line.h"

namespace bearer::app {

/// Runs a program beside a proxy of its own. Returns the program's exit status. `found` is the
/// state that the program is to inherit. REQUIRES: called by the main thread, before there is
/// another one.
int exec(const config::Command& command, const InheritedState& found);

}  // namespace bearer::app
