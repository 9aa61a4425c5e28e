// Memory for what a request makes and frees over and over (coroutine frames, buffers): what a
// thread frees is the next of its size on that thread.
#pragma once

#include <cstddef>

namespace bearer::net::recycler {

/// At least `size` bytes, aligned for any type. REQUIRES: size > 0.
void* allocate(std::size_t size);
/// `size` is what allocate() was called with.
void release(void* memory, std::size_t size) noexcept;

}  // namespace bearer::net::recycler
