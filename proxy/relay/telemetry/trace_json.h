// Writes traces in OpenTelemetry's protocol: the body of an OTLP/HTTP request in JSON
// (opentelemetry-proto, trace.proto), with the attributes of its semantic conventions for HTTP.
#pragma once

#include <memory>
#include <span>
#include <string>

#include "relay/telemetry/trace.h"

namespace bearer::relay {

/// The service that the spans belong to.
struct TraceResource {
  std::string service;   ///< service.name
  std::string version;   ///< service.version, and the scope's
  std::string instance;  ///< service.instance.id
};

/// An ExportTraceServiceRequest.
std::string trace_json(std::span<const std::unique_ptr<Trace>> traces,
                       const TraceResource& resource);

}  // namespace bearer::relay
