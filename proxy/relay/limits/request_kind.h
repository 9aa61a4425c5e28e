// Tells which requests an API probably counts together: those of one method and shape of path.
#pragma once

#include <cstdint>
#include <string_view>

namespace bearer::relay {

/// A hash of the method and of the path without its query, in which everything that looks like an
/// identifier counts as the same: a segment with a digit in it (but `v2`), or a very long one. So
/// `GET /users/17/orders?page=2` is of one kind with `GET /users/18/orders`, and of another than
/// `GET /users` or `POST /users/17/orders`. Never 0. Two kinds that collide share their quotas,
/// which at worst makes a request wait in vain or go too early.
using RequestKind = std::uint64_t;
RequestKind request_kind(std::string_view method, std::string_view target);

}  // namespace bearer::relay
