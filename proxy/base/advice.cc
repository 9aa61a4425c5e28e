#include "base/advice.h"

namespace bearer::base {
namespace {

constexpr std::string_view kSetting = "{}";

std::string_view row(Trouble trouble) {
  switch (trouble) {
    case Trouble::retries_used_up: return "see --max-retries";
    case Trouble::window_used_up: return "see --retry-window";
    case Trouble::body_too_large_to_keep: return "see --replay-max";
    case Trouble::no_room_to_keep_body:
      return "see TMPDIR, or lower --replay-max to --replay-memory";
    case Trouble::bodies_take_all_room:
      return "see --replay-total, the disk of TMPDIR, and the memory of this machine or container";
    case Trouble::may_be_carried_out: return "see --retry-unsafe, or send an Idempotency-Key";
    case Trouble::scope_missing: return "see --scope and the client's rights";
    case Trouble::token_refused_twice:
      return "check --audience, --scope, --resource and that the upstream trusts this token "
             "endpoint";
    case Trouble::no_response: return "see --response-timeout";
    case Trouble::silent_body: return "see --idle-timeout";
    case Trouble::queue_too_long: return "see --max-in-flight";
    case Trouble::no_turn_in_rate: return "see --rate";
    case Trouble::long_pause: return "see Retry-After and --retry-window";
    case Trouble::drain_too_short: return "see --drain-timeout";
    case Trouble::too_many_fields: return "see --max-fields";
    case Trouble::dpop_wanted:
      return "the provider wants DPoP of this client: set dpop (--dpop); where it is set, check "
             "this machine's clock, and that the provider takes the key of dpop_key_file";
    case Trouble::token_bound:
      return "set dpop (--dpop), or have the provider give this client Bearer tokens";
    case Trouble::token_is_slow: return "--token-wait is how long a request waits for it";

    case Trouble::host_not_served: return "if it should be, name it with --allow-host";
    case Trouble::port_not_served:
      return "it is another program's: name it in the client's no_proxy, or let the client use the "
             "port of this proxy";
    case Trouble::origin_not_served: return "if they should be, name it with --allow-origin";
    case Trouble::method_denied: return "see --deny-method";
    case Trouble::path_denied: return "see --deny-path";
    case Trouble::user_not_allowed: return "see --allow-uid";
    case Trouble::every_place_taken:
      return "see --max-connections, and ulimit -Hn where a warning at start named a lower number";
    case Trouble::links_lead_away: return "see --rewrite-body-links";
    case Trouble::circle: return "see --upstream and --listen";
    case Trouble::port_speaks_plain_http: return "use http:// for this address";

    case Trouble::name_unknown: return "check {} and this machine's DNS";
    case Trouble::refused: return "check {} and that it is up";
    case Trouble::unreachable: return "check {} and the network";
    case Trouble::not_in_time: return "check {}, the network and connect_timeout";
    case Trouble::loopback_name_elsewhere:
      return "plain http to another machine needs a name of its own and --insecure-http";
    case Trouble::egress_proxy: return "check egress_proxy or HTTPS_PROXY, and NO_PROXY";
    case Trouble::no_tls_there: return "check {}: does this port speak TLS?";
    case Trouble::tls_there: return "check {}: does this port want https?";
    case Trouble::tls_wanted: return "write https:// in {}";
    case Trouble::not_http: return "check {}: its scheme and port";
    case Trouble::wants_our_certificate:
      return "set client_cert and client_key: the server seems to want a client certificate";
    case Trouble::refuses_our_certificate:
      return "check client_cert: the server does not take this certificate";
    case Trouble::no_http_2_there: return "set upstream_http to auto or 1.1";
    case Trouble::http_2_wanted:
      return "gRPC mostly needs HTTP/2: set upstream_http to 2, for plain http leaves no choice";

    case Trouble::authority_unknown: return "set ca_file if it is signed by a private authority";
    case Trouble::authority_not_in_file: return "check ca_file";
    case Trouble::no_authorities: return "install ca-certificates, or set ca_file (--ca-file)";
    case Trouble::authorities_unreadable: return "check ca_file";
    case Trouble::own_certificate_unusable: return "check client_cert and client_key";
    case Trouble::certificate_expired:
      return "it has to be renewed, unless this machine's clock is wrong";
    case Trouble::certificate_not_yet_valid: return "check this machine's clock";
    case Trouble::certificate_of_another_name:
      return "name the host as the certificate does, or check who answers there";

    case Trouble::descriptors_used_up:
      return "raise the limit (ulimit -n), or lower --max-connections";
    case Trouble::ports_used_up:
      return "widen net.ipv4.ip_local_port_range, or find out who keeps so many connections to it";
  }
  return {};
}

}  // namespace

std::string advice_on(Trouble trouble, std::string_view setting) {
  std::string text(row(trouble));
  const std::size_t hole = text.find(kSetting);
  if (hole != std::string::npos) text.replace(hole, kSetting.size(), setting);
  return text;
}

}  // namespace bearer::base
