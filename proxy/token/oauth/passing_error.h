// Tells errors of a token endpoint that pass by themselves from refusals, by what they say. Servers
// send a rate limit or a fault of theirs as a 400, with words of their own.
#pragma once

#include <cstdint>
#include <string_view>

namespace bearer::token {

/// An error as a server words it, beside its status.
struct ErrorWords {
  std::string_view error;  ///< OAuth's `error`, or what stands in its place
  std::string_view description;
  bool asks_to_wait = false;  ///< it names a wait, as a Retry-After does
};

enum class Passing : std::uint8_t {
  never,       ///< nothing says so: what the error is depends on the status
  rate_limit,  ///< too many requests in a short time, or a wait that the server asks for
  fault,       ///< a fault of the server, or a request to try again later
  eventual,    ///< what was set up lately is not known everywhere, as a provider documents
};

/// Matches words, not letters: an operation that was moderated is no rate. A definite refusal stays
/// one (Passing::never), whatever it advises: `invalid_client`, `invalid_scope` and the like, a
/// grant that has expired or was revoked, and whoever is to sign in again or to try again with
/// another input.
Passing passing(const ErrorWords& words);

}  // namespace bearer::token
