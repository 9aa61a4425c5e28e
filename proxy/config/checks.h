// Checks of values that more than one kind of block needs.
#pragma once

#include <string>
#include <string_view>

#include "config/build.h"
#include "config/typed.h"
#include "http/url.h"

namespace bearer::config {

/// A problem unless `url`, the setting's value, uses TLS, stays on this machine, or is explicitly
/// allowed.
void check_transport(const Typed& typed, std::string_view name, const http::Url& url,
                     const Surroundings& around);

/// A problem if the setting names a file that cannot be read.
void check_file(const Typed& typed, std::string_view name, const Surroundings& around);

/// The path that the setting names, checked; empty if it was not given.
std::string file(const Typed& typed, std::string_view name, const Surroundings& around);

}  // namespace bearer::config
