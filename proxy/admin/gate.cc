#include "admin/gate.h"

#include <algorithm>

#include "base/host.h"
#include "base/result.h"
#include "base/text.h"
#include "http/host_field.h"
#include "http/site.h"
#include "http/target.h"

namespace bearer::admin {
namespace {

bool served(std::string_view host, const std::vector<std::string>& hosts) {
  const std::string name = base::to_lower(host);
  return name.empty() || base::is_loopback(name) || std::ranges::find(hosts, name) != hosts.end();
}

/// By which the client addressed us. Only `http` is spoken here.
base::Result<std::string_view> authority_of(const http::RequestHead& head, http::Host& host) {
  const auto malformed = [](http::HeadFault fault) {
    return base::Error{base::Errc::request_malformed, std::string(http::sentence(fault))};
  };
  const http::HeadFault fault = http::request_host(head, host);
  if (fault != http::HeadFault::none) return malformed(fault);
  const auto target = http::parse_target(head.target);
  if (!target || target->form != http::TargetForm::absolute) {
    return head.fields.value(http::FieldName::host);
  }
  const auto named = http::parse_host(target->authority);
  if (!named) return malformed(http::HeadFault::target_host_malformed);
  if (!base::iequals(target->scheme, "http")) return malformed(http::HeadFault::target_malformed);
  host = *named;
  return target->authority;
}

bool from_another_site(const http::FieldList& fields, std::string_view authority) {
  const bool own = std::ranges::all_of(fields, [&](const http::Field& field) {
    return field.id != http::FieldName::origin || http::own_origin(field.value, authority);
  });
  return !own || http::fetched_across_sites(fields);
}

}  // namespace

std::optional<Answer> refuse(const http::RequestHead& head, const std::vector<std::string>& hosts) {
  http::Host host;
  const auto authority = authority_of(head, host);
  if (!authority) return problem(400, authority.error().detail);
  if (!served(host.name, hosts)) {
    return problem(421, "this Host is not served here; if it should be, name it with --allow-host");
  }
  if (from_another_site(head.fields, *authority)) {
    return problem(403, "requests that a page of another site makes in a browser are not served");
  }
  return std::nullopt;
}

std::string_view path_asked(const http::RequestHead& head) {
  const auto target = http::parse_target(head.target);
  if (!target) return head.target;
  const std::string_view path = http::path_of(target->rest);
  return path.empty() && target->form == http::TargetForm::absolute ? "/" : path;
}

}  // namespace bearer::admin
