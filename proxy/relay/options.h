// The settings of the data plane: those of one route, and those of the service as a whole.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/secret.h"
#include "http/fields.h"
#include "http/path_pattern.h"
#include "http/url.h"
#include "net/dial_failure.h"
#include "net/egress.h"
#include "relay/limits/pacing_options.h"
#include "relay/retry_policy.h"

namespace bearer::relay {

/// A field that every request of a route carries. The value may be a secret.
struct FixedField {
  std::string name;
  base::Secret value;

  bool operator==(const FixedField&) const = default;
};

/// The kinds of bodies in which links are rewritten.
enum class BodyLinks : std::uint8_t {
  off,
  json,  ///< JSON of any kind and batches of messages, in both directions
  all,   ///< XML and HTML of responses too
};

/// The version of HTTP in which an upstream is asked.
enum class UpstreamHttp : std::uint8_t {
  as_client,  ///< 2 for clients that use it, if ALPN offers it; else 1.1
  http_1_1,
  http_2,  ///< without TLS by prior knowledge (RFC 9113 section 3.3)
};

struct RouteOptions {
  std::string path = "/";     ///< prefix of the request's path; the longest wins
  std::string host;           ///< Host value (no port) of the route's requests; empty: any
  bool strip_prefix = false;  ///< the upstream does not see `path`
  http::Url upstream;         ///< its path is prefixed to every request path
  std::string_view upstream_setting = "upstream";  ///< its name in messages; a literal
  std::string credential = "default";
  std::string ca_file;                            ///< empty: the system's store
  std::string client_cert_file, client_key_file;  ///< see net::TlsOptions
  net::EgressOptions egress;
  UpstreamHttp upstream_http = UpstreamHttp::as_client;
  std::string auth_field = "Authorization";    ///< the field that carries the token
  std::string auth_scheme = "Bearer";          ///< the text before the token; may be empty
  std::vector<FixedField> fixed_fields;        ///< names differ, and none is `auth_field`
  std::vector<std::string> fixed_field_files;  ///< the files that some of them were read from
  /// Paths at which a client's own token request gets a placeholder.
  std::vector<http::PathPattern> stub_tokens;
  BodyLinks rewrite_body_links = BodyLinks::off;
  std::vector<std::string> address_fields;  ///< names of fields that hold addresses amid text

  /// Paths of POSTs that only read (http::PathPattern): they are retried as a GET is.
  std::vector<http::PathPattern> read_only_posts;
  bool resume_downloads = true;  ///< asks for the rest of a GET's body that breaks off
  RetryOptions retry;
  PacingOptions pacing;
  base::Duration token_wait = std::chrono::seconds(10);
  std::uint64_t replay_bytes_max = 64u << 20;
  std::uint64_t replay_memory_bytes_max = 256u << 10;
  base::Duration connect_timeout = std::chrono::seconds(10);   ///< DNS, TCP and TLS
  base::Duration response_timeout = std::chrono::seconds(60);  ///< last byte sent to head received
  base::Duration idle_timeout = std::chrono::seconds(60);      ///< on a body or a tunnel; 0: none
  std::size_t in_flight_max = 0;                               ///< 0: no limit
  std::size_t response_fields_max = http::kFieldsMax;          ///< of its head

  /// True if the field is one of `address_fields`.
  bool holds_addresses(std::string_view field) const {
    return !address_fields.empty() && names_address_field(field);
  }

  /// The name by which it is counted and shown: `/crm/`, `api.example.com/`.
  std::string label() const { return host + path; }

  bool operator==(const RouteOptions&) const = default;

 private:
  bool names_address_field(std::string_view field) const;
};

/// Describes the route's upstream for the message about a failure to reach it.
net::DialedServer dialed_server(const RouteOptions& route);

/// The collector of requests' spans: OTLP over HTTP, in JSON.
struct TraceOptions {
  http::Url endpoint;              ///< the whole URL, with the path of traces
  std::vector<FixedField> fields;  ///< of the requests to it
  std::string fields_file;         ///< the file that they were read from
  std::string service;             ///< service.name
  double sample = 1;               ///< share of the traces that begin here which is taken, 0 to 1
  std::string ca_file;             ///< empty: the system's store
  net::EgressOptions egress;

  bool operator==(const TraceOptions&) const = default;
};

struct ServiceOptions {
  std::size_t connections_max = 10'000;
  std::size_t requests_kept = 512;  ///< of those that ended, for /status/requests; 0: none
  std::size_t threads = 1;
  bool spin = true;                             ///< see net::Loop::may_spin()
  std::uint64_t replay_bytes_total = 1u << 30;  ///< on disk, of all kept bodies together
  std::size_t request_fields_max = http::kRequestFieldsMax;  ///< of its head
  base::Duration drain_timeout = std::chrono::seconds(30);
  /// Host values served beside loopback names and the listen addresses' and the routes' own hosts;
  /// lower case.
  std::vector<std::string> allowed_hosts;
  /// Origins served beside the proxy's own, as a browser writes them: `https://app.example.com`.
  std::vector<std::string> allowed_origins;
  std::vector<std::string> denied_methods;
  std::vector<std::string> denied_paths;  ///< prefixes of whole segments
  unsigned socket_mode = 0600;            ///< of unix sockets
  std::vector<unsigned> allowed_uids;     ///< users of this machine; empty: any
  std::string access_log;                 ///< a file, `-` for stdout, empty for none
  bool access_log_query = false;
  std::optional<TraceOptions> traces;  ///< nullopt: no spans are sent
};

}  // namespace bearer::relay
