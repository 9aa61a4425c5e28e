// The command `check`: a line for each step, with its time; for each failure the cause and the
// fix.
#pragma once

#include <functional>
#include <ostream>

#include "app/probe.h"
#include "app/token_command.h"
#include "base/clock.h"
#include "config/settings.h"

namespace bearer::app {

/// The steps are made with these, so that a test can script them.
struct CheckParts {
  FetchToken fetch;
  std::function<base::Result<ProbeAnswer>(const relay::RouteOptions&, const token::Fetched&)> probe;
  const base::Clock& clock;
};

/// Gets a token of each credential and makes one request to each route's upstream. Answers with the
/// exit status of the first step that failed.
int check(const config::Settings& settings, const CheckParts& parts, std::ostream& out);

}  // namespace bearer::app
