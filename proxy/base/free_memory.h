// Gives memory that the process has freed back to the system.
#pragma once

namespace bearer::base {

/// Call it after work that took much memory for a short time. glibc would keep most of it, because
/// something that lives on lies behind it. It takes some milliseconds, in which other threads may
/// have to wait for memory. Does nothing with another C library. Any thread.
void return_free_memory();

}  // namespace bearer::base
