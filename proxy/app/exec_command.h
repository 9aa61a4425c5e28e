// The command `exec`.
#pragma once

#include "app/process.h"
#include "config/command_line.h"

namespace bearer::app {

/// Runs a program beside a proxy of its own; answers with the program's exit status. `found` is how
/// the program is to find things. REQUIRES: called by the main thread, there is no other yet.
int exec(const config::Command& command, const InheritedState& found);

}  // namespace bearer::app
