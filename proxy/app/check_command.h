// The command `check`: prints a line for each step, with its time; for each failure, the cause and
// the fix.
#pragma once

#include <functional>
#include <string>

#include "app/token_command.h"
#include "app/upstream_check.h"
#include "base/clock.h"
#include "config/settings.h"

namespace bearer::app {

/// The functions that do the steps, so that a test can script them.
struct CheckParts {
  FetchToken fetch;
  std::function<base::Result<UpstreamAnswer>(const relay::RouteOptions&, const token::Fetched&)>
      check_upstream;
  const base::Clock& clock;
};

/// Takes a line, with its end.
using PrintLine = std::function<void(const std::string&)>;

/// Fetches a token of each credential and sends one request to each route's upstream. Returns the
/// exit status of the first step that failed.
int check(const config::Settings& settings, const CheckParts& parts, const PrintLine& print);

}  // namespace bearer::app
