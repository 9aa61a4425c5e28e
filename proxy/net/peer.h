// Who is at the other end of a connection.
#pragma once

#include <sys/types.h>

#include <optional>
#include <span>

namespace bearer::net {

/// The user of the process at the other end, as the kernel noted it when it connected; nullopt
/// where the kernel notes none: on anything but a unix socket.
std::optional<uid_t> peer_uid(int fd);

/// Whether a peer of that user is served: `allowed` names him. Where it names nobody, anybody is,
/// and so is a peer without a user.
bool is_welcome(std::optional<uid_t> user, std::span<const unsigned> allowed);

/// True if it is a process of this machine for certain: over a unix socket, or from a loopback
/// address.
bool peer_is_local(int fd);

}  // namespace bearer::net
