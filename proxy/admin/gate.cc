#include "admin/gate.h"

#include <algorithm>

#include "base/host.h"
#include "base/text.h"
#include "http/host_field.h"
#include "http/site.h"

namespace bearer::admin {
namespace {

bool served(std::string_view host, const std::vector<std::string>& hosts) {
  const std::string name = base::to_lower(host);
  return name.empty() || base::is_loopback(name) || std::ranges::find(hosts, name) != hosts.end();
}

bool from_another_site(const http::RequestHead& head) {
  const http::FieldList& fields = head.fields;
  const std::string_view authority = fields.value(http::FieldName::host);
  const bool own = std::ranges::all_of(fields, [&](const http::Field& field) {
    return field.id != http::FieldName::origin || http::own_origin(field.value, authority);
  });
  return !own || http::fetched_across_sites(fields);
}

}  // namespace

std::optional<Answer> refuse(const http::RequestHead& head, const std::vector<std::string>& hosts) {
  http::Host host;
  const http::HeadFault fault = http::request_host(head, host);
  if (fault != http::HeadFault::none) return problem(400, http::sentence(fault));
  if (!served(host.name, hosts)) {
    return problem(421, "this Host is not served here; if it should be, name it with --allow-host");
  }
  if (from_another_site(head)) {
    return problem(403, "requests that a page of another site makes in a browser are not served");
  }
  return std::nullopt;
}

}  // namespace bearer::admin
