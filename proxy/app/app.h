// Runs the program, from argv to an exit status.
#pragma once

namespace bearer::app {

/// Does what the arguments say, and returns the process's exit status. Errors go to stderr.
int run(int argc, char** argv);

}  // namespace bearer::app
