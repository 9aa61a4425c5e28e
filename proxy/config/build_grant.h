// The grant of a credential, and what it is made of.
#pragma once

#include "config/build.h"
#include "config/typed.h"

namespace bearer::config {

/// Fills in the grant, its files and its user. A problem: what the grant needs is missing, or what
/// only another grant uses was given beside it.
void read_grant(const Typed& typed, const Surroundings& around, token::CredentialOptions& options);

}  // namespace bearer::config
