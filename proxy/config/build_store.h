// The store that a credential shares with other processes.
#pragma once

#include "config/build.h"
#include "config/typed.h"

namespace bearer::config {

/// A problem: no such kind of store, a URL of Redis that is none, one with a password on the
/// command line, and a key's file that is missing or of no use.
token::StoreOptions read_store(const Typed& typed, const Surroundings& around);

}  // namespace bearer::config
