// Recognises the answer of a server that was asked in plain http on a port where it speaks TLS.
#pragma once

#include <string_view>

namespace bearer::wire {

/// What such an answer means, for a sentence.
inline constexpr std::string_view kTlsWanted = "this port speaks TLS, and was asked in plain http";

/// True for the 400 with which nginx, Go's servers, Apache and Tomcat say so. `body` is its
/// beginning, or all of it. Other servers close the connection, or send a TLS alert.
[[gnu::cold]] bool wants_tls(int status, std::string_view body);

}  // namespace bearer::wire
