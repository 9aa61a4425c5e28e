// The environment's settings: BEARER_PROXY_*.
#pragma once

#include <functional>
#include <map>
#include <string>

#include "config/config_errors.h"
#include "config/values.h"

namespace bearer::config {

/// Variables by name. Holds secrets: never shown.
using Environment = std::map<std::string, std::string, std::less<>>;

/// The process's own.
Environment process_environment();

/// An empty variable counts as one that is not there, as an unset one in a compose file is.
Values environment_values(const Environment& environment, ConfigErrors& problems);

/// Reads OpenTelemetry's own variables as values of our settings: OTEL_SERVICE_NAME,
/// OTEL_EXPORTER_OTLP_ENDPOINT and OTEL_EXPORTER_OTLP_TRACES_ENDPOINT, unless others of them turn
/// traces off or ask for gRPC, which spans do not go by.
Values telemetry_values(const Environment& environment);

}  // namespace bearer::config
