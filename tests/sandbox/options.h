// The sandbox's command line.
#pragma once

#include "tests/sandbox/sandbox.h"
#include "tests/sandbox/server.h"

namespace bearer::sandbox {

struct Options {
  ServerOptions server;
  SandboxOptions sandbox;
  bool end_with_stdin = false;  ///< so that it never outlives who started it
};

/// Ends the process after --help (0) and after a usage error (2).
Options parse_options(int argc, const char* const* argv);

}  // namespace bearer::sandbox
