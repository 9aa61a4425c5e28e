#include "admin/access_check.h"

#include <algorithm>

#include "base/advice.h"
#include "base/host.h"
#include "base/text.h"
#include "http/site.h"
#include "http/target.h"

namespace bearer::admin {
namespace {

bool served(std::string_view host, const std::vector<std::string>& hosts,
            const http::CameInAt& came_in_at) {
  const std::string name = base::to_lower(host);
  return name.empty() || base::is_loopback(name) || std::ranges::find(hosts, name) != hosts.end() ||
         came_in_at(name);
}

bool from_another_site(const http::FieldList& fields, std::string_view authority) {
  const bool own = std::ranges::all_of(fields, [&](const http::Field& field) {
    return field.id != http::FieldName::origin || http::own_origin(field.value, authority);
  });
  return !own || http::fetched_across_sites(fields);
}

}  // namespace

std::optional<Reply> access_check(const http::RequestHead& head,
                                  const std::vector<std::string>& hosts,
                                  const http::CameInAt& came_in_at) {
  http::Host host;
  std::string_view authority;
  const auto fault = http::addressed(head, http::parse_target(head.target), host, authority);
  if (fault != http::HeadFault::none) return problem(400, http::sentence(fault));
  if (!served(host.name, hosts, came_in_at)) {
    return problem(
        421, "this Host is not served here; " + base::advice_on(base::Trouble::host_not_served));
  }
  if (from_another_site(head.fields, authority)) {
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

std::string_view query_asked(const http::RequestHead& head) {
  const auto target = http::parse_target(head.target);
  if (!target) return {};
  const std::size_t mark = target->rest.find('?');
  return mark == std::string_view::npos ? std::string_view() : target->rest.substr(mark + 1);
}

}  // namespace bearer::admin
