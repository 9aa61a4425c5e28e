// The page for people at GET /. It shows what GET /status says, live and with plots.
#pragma once

#include "admin/reply.h"

namespace bearer::admin {

/// One page that requests only /status and /status/history. Its policy lets a browser run and apply
/// nothing but what is in it (Content Security Policy 3, hashes).
Reply status_page();

}  // namespace bearer::admin
