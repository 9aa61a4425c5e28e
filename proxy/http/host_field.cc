#include "http/host_field.h"

#include <algorithm>
#include <limits>

#include "base/text.h"

namespace bearer::http {

namespace {

/// reg-name and IPv4address of RFC 3986 section 3.2.2, without percent-encoding and sub-delims: no
/// host on the Internet has those in its name, and two readers may differ about them.
bool is_name_char(char c) {
  return base::is_digit(c) || (base::lower(c) >= 'a' && base::lower(c) <= 'z') || c == '-' ||
         c == '.' || c == '_' || c == '~';
}

bool is_address_char(char c) {
  return base::hex_digit(c) >= 0 || c == ':' || c == '.';
}

/// Removes the dot of the DNS's root. A dot after another dot is not that one.
std::string_view without_root(std::string_view name) {
  const bool rooted = name.size() > 1 && name.ends_with('.') && !name.ends_with("..");
  return rooted ? name.substr(0, name.size() - 1) : name;
}

/// Takes the name off `rest`; empty if it is malformed.
std::string_view take_name(std::string_view& rest) {
  const bool bracketed = rest.starts_with('[');
  if (bracketed) rest.remove_prefix(1);
  const auto end = std::ranges::find_if_not(rest, bracketed ? is_address_char : is_name_char);
  std::string_view name(rest.begin(), end);
  rest.remove_prefix(name.size());
  if (bracketed) {
    if (!rest.starts_with(']') || name.find(':') == std::string_view::npos) return {};
    rest.remove_prefix(1);
  }
  return name;
}

}  // namespace

bool Host::is(std::string_view other) const {
  return base::iequals(name, without_root(other));
}

std::optional<Host> parse_host(std::string_view value) {
  Host host{.name = take_name(value)};
  if (host.name.empty()) return std::nullopt;
  host.name = without_root(host.name);
  if (value.empty()) return host;
  if (!value.starts_with(':')) return std::nullopt;
  const auto port = base::parse_decimal(value.substr(1));
  if (!port || *port == 0 || *port > std::numeric_limits<std::uint16_t>::max()) return std::nullopt;
  host.port = static_cast<std::uint16_t>(*port);
  return host;
}

HeadFault request_host(const RequestHead& head, Host& host) {
  host = {};
  const std::size_t count = head.fields.count(FieldName::host);
  if (count > 1) return HeadFault::host_repeated;
  if (count == 0) return head.minor_version == 0 ? HeadFault::none : HeadFault::host_missing;
  const auto parsed = parse_host(head.fields.value(FieldName::host));
  if (!parsed) return HeadFault::host_malformed;
  host = *parsed;
  return HeadFault::none;
}

HeadFault addressed(const RequestHead& head, const std::optional<Target>& target, Host& host,
                    std::string_view& authority) {
  const HeadFault fault = request_host(head, host);
  if (fault != HeadFault::none) return fault;
  authority = head.fields.value(FieldName::host);
  if (!target || target->form != TargetForm::absolute) return HeadFault::none;
  const auto named = parse_host(target->authority);
  if (!named) return HeadFault::target_host_malformed;
  // Some clients send the whole URL of an https API to an http proxy.
  if (!base::iequals(target->scheme, "http") && !base::iequals(target->scheme, "https"))
    return HeadFault::target_malformed;
  host = *named;
  authority = target->authority;
  return HeadFault::none;
}

}  // namespace bearer::http
