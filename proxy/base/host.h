// What a host name says by itself.
#pragma once

#include <string_view>

namespace bearer::base {

/// True for `localhost`, names under it, 127.0.0.0/8 and ::1.
bool is_loopback(std::string_view host);

}  // namespace bearer::base
