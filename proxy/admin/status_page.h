// The page for people at GET /: what GET /status says, live and with plots.
#pragma once

#include "admin/answer.h"

namespace bearer::admin {

/// One page that asks for nothing but /status and /status/history. By its policy a browser runs
/// and applies no more than what is in it (Content Security Policy 3, hashes).
Reply status_page();

}  // namespace bearer::admin
