// Reads the environment's settings: BEARER_PROXY_*.
#pragma once

#include <functional>
#include <map>
#include <string>

#include "config/config_errors.h"
#include "config/values.h"

namespace bearer::config {

/// Variables by name. Contains secrets, so it is never shown.
using Environment = std::map<std::string, std::string, std::less<>>;

/// The process's own environment.
Environment process_environment();

/// An empty variable counts as unset, because compose files make unset ones empty.
Values environment_values(const Environment& environment, ConfigErrors& problems);

/// Reads OpenTelemetry's own variables as values of our settings: OTEL_SERVICE_NAME,
/// OTEL_EXPORTER_OTLP_ENDPOINT and OTEL_EXPORTER_OTLP_TRACES_ENDPOINT, unless others of them turn
/// traces off or ask for gRPC, which we do not use for spans.
Values telemetry_values(const Environment& environment);

}  // namespace bearer::config
