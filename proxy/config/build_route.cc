#include <algorithm>

#include "base/text.h"
#include "config/build.h"
#include "config/checks.h"
#include "config/presets.h"
#include "config/typed.h"
#include "http/host_field.h"

namespace bearer::config {
namespace {

using relay::RetryUnsafe;

constexpr Choice kRetryUnsafe[] = {
    {"never", static_cast<int>(RetryUnsafe::never)},
    {"refused", static_cast<int>(RetryUnsafe::refused)},
    {"status", static_cast<int>(RetryUnsafe::status)},
    {"always", static_cast<int>(RetryUnsafe::always)},
};

void read_upstream(const Typed& typed, const Surroundings& around, relay::RouteOptions& options) {
  if (!typed.has("upstream") && around.upstream_needed)
    typed.missing("upstream", ", or use --preset");
  const auto url = typed.url("upstream");
  if (!url) return;
  options.upstream = *url;
  options.upstream_setting = changed_by(typed, "upstream", "upstream");
  check_transport(typed, "upstream", *url, around);
  if (url->path.find('?') != std::string::npos) {
    typed.problem("upstream", typed.text("upstream"), "a base URL has no query (?)");
  }
}

std::string read_path(const Typed& typed) {
  const std::string path = typed.text("path");
  const bool printable = std::ranges::all_of(path, [](char c) { return c > ' ' && c < 0x7f; });
  if (!path.starts_with('/')) {
    typed.problem("path", path, "does not begin with /");
  } else if (!printable || path.find_first_of("?#") != std::string::npos) {
    typed.problem("path", path, "holds a space, ?, # or a non-ASCII character; encode it as %XX");
  }
  return path;
}

std::string read_host(const Typed& typed) {
  if (!typed.has("host")) return "";
  const std::string text = typed.text("host");
  const auto host = http::parse_host(text);
  if (!host || host->port != 0) {
    typed.problem("host", text, "not a host name without a port");
    return "";
  }
  return base::to_lower(host->name);
}

relay::RetryOptions read_retry(const Typed& typed) {
  using namespace std::chrono_literals;
  relay::RetryOptions retry;
  retry.max_retries = static_cast<int>(typed.count("max-retries"));
  // A person who asks for more retries also means those of a 500.
  if (typed.find("max-retries")->by == By::person) {
    retry.plain_500_retries_max = std::max(retry.plain_500_retries_max, retry.max_retries);
  }
  retry.backoff_base = typed.duration("backoff-base", 1ms);
  retry.backoff_max = typed.duration("backoff-max", 1ms);
  retry.window = typed.duration("retry-window", 0ms);
  retry.unsafe = typed.choice<RetryUnsafe>("retry-unsafe", kRetryUnsafe);
  retry.statuses = typed.retry_statuses("retry-status");
  retry.renew_statuses = typed.renew_statuses("renew-status");
  if (retry.backoff_base > retry.backoff_max) {
    typed.problem("backoff-base", typed.text("backoff-base"),
                  "longer than backoff_max, which is " + base::format_duration(retry.backoff_max));
  }
  return retry;
}

/// `examples` are for that setting.
std::vector<http::PathPattern> read_patterns(const Typed& typed, std::string_view setting,
                                             const std::string& examples) {
  std::vector<http::PathPattern> patterns;
  for (const std::string& text : typed.texts(setting)) {
    if (auto pattern = http::PathPattern::parse(text)) {
      patterns.push_back(*std::move(pattern));
    } else {
      typed.problem(setting, text, "not a pattern of a path; write " + examples);
    }
  }
  return patterns;
}

relay::BodyLinks read_body_links(const Typed& typed) {
  constexpr std::string_view kName = "rewrite-body-links";
  const std::string word = typed.text(kName);
  if (word == "json") return relay::BodyLinks::json;
  if (word == "all") return relay::BodyLinks::all;
  return typed.boolean(kName) ? relay::BodyLinks::json : relay::BodyLinks::off;
}

relay::UpstreamHttp read_upstream_http(const Typed& typed) {
  using relay::UpstreamHttp;
  constexpr Choice kVersions[] = {{"auto", static_cast<int>(UpstreamHttp::as_client)},
                                  {"1.1", static_cast<int>(UpstreamHttp::http_1_1)},
                                  {"2", static_cast<int>(UpstreamHttp::http_2)}};
  return typed.choice<UpstreamHttp>("upstream-http", kVersions);
}

relay::PacingOptions read_pacing(const Typed& typed) {
  constexpr Choice kPacing[] = {{"auto", true}, {"off", false}};
  relay::PacingOptions pacing;
  pacing.on = typed.choice<bool>("pacing", kPacing);
  if (!typed.has("rate")) return pacing;
  const std::string text = typed.text("rate");
  if (const auto rate = parse_rate(text)) {
    pacing.ceiling = *rate;
  } else {
    typed.problem("rate", text, "not a rate; write 300/m, 10/s or 1000/h");
  }
  return pacing;
}

}  // namespace

relay::RouteOptions build_route(const Block& block, const Surroundings& around,
                                ConfigErrors& problems) {
  using namespace std::chrono_literals;
  const Typed typed(block.values, block.label, problems);
  relay::RouteOptions options;
  options.path = read_path(typed);
  options.host = read_host(typed);
  options.strip_prefix = typed.boolean("strip-prefix");
  options.credential = block.name;
  read_upstream(typed, around, options);
  options.ca_file = typed.text("ca-file");
  check_file(typed, "ca-file", around);
  read_client_certificate(typed, around, options.client_cert_file, options.client_key_file);
  options.upstream_http = read_upstream_http(typed);
  options.egress = read_egress(typed, around, options.upstream.tls);
  options.rewrite_body_links = read_body_links(typed);
  read_own_fields(typed, around, options);
  options.read_only_posts =
      read_patterns(typed, "read-only-post", "/search, /api/*/query or /api/v2/**/query");
  options.stub_tokens = read_patterns(typed, "stub-token", "/oauth/token");
  options.resume_downloads = typed.boolean("resume-downloads");
  options.retry = read_retry(typed);
  options.pacing = read_pacing(typed);
  options.token_wait = typed.duration("token-wait", 0ms);
  options.replay_bytes_max = typed.size("replay-max");
  options.replay_memory_bytes_max = typed.size("replay-memory");
  options.connect_timeout = typed.duration("connect-timeout", 1ms);
  options.response_timeout = typed.duration("response-timeout", 1ms);
  options.idle_timeout = typed.duration("idle-timeout", 0ms);
  options.in_flight_max = typed.count("max-in-flight");
  return options;
}

}  // namespace bearer::config
