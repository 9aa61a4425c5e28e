#include "relay/body/linked_body.h"

#include <cassert>
#include <optional>
#include <utility>

#include "base/text.h"
#include "http/body_links/batch_links.h"
#include "http/body_links/body_syntax.h"
#include "http/body_links/json_links.h"
#include "http/body_links/markup_links.h"
#include "relay/admission.h"
#include "relay/head/relinking.h"
#include "relay/route.h"

namespace bearer::relay {
namespace {

using http::BodySyntax;
using Rewriter = std::unique_ptr<http::LinkRewriter>;

/// The rewriter for a single message; null if its body passes unchanged.
Rewriter message_links(const RouteOptions& route, const http::LinkTranslation& links,
                       std::string_view content_type) {
  switch (linked_syntax(route, content_type)) {
    case BodySyntax::json: return std::make_unique<http::JsonLinks>(links);
    case BodySyntax::markup: return std::make_unique<http::MarkupLinks>(links);
    case BodySyntax::batch:
    case BodySyntax::other: break;
  }
  return nullptr;
}

/// The links of a request, each by the route of its own path.
http::LinkTranslation to_upstream(const Request& request, const http::LinkMap& map) {
  return http::to_upstream(map.proxy_origin,
                           [&request, origin = map.proxy_origin](std::string_view link) {
                             return request.address_at_upstream(link, origin);
                           });
}

/// Turns a path of the proxy into that of the upstream.
std::optional<std::string> upstream_path(std::string_view path, const http::LinkMap& map) {
  std::optional<std::string> address =
      http::upstream_address(std::string(map.proxy_origin).append(path), map);
  if (address) address->erase(0, map.upstream.origin().size());
  return address;
}

http::BatchLinks::Rules batch_rules(const Request& request, LinkedBody::Way way,
                                    const http::LinkMap& map) {
  const Route& route = *request.route;
  http::BatchLinks::Rules rules;
  if (way == LinkedBody::Way::to_client) {
    rules.links = http::to_proxy(map);
    rules.path = [map](std::string_view path) { return http::rewrite_location(path, map); };
  } else {
    rules.links = to_upstream(request, map);
    rules.path = [map](std::string_view path) { return upstream_path(path, map); };
    rules.from_host = request.authority;
    rules.to_host = route.authority;
  }
  rules.content = [&route = route.options, links = rules.links](std::string_view content_type) {
    return message_links(route, links, content_type);
  };
  return rules;
}

/// The objects that the map refers to outlive the rewriter.
Rewriter links_of(const Request& request, LinkedBody::Way way, std::string_view content_type,
                  const http::LinkMap& map) {
  if (linked_syntax(request.route->options, content_type) == BodySyntax::batch) {
    return std::make_unique<http::BatchLinks>(batch_rules(request, way, map),
                                              http::multipart_boundary(content_type));
  }
  return message_links(
      request.route->options,
      way == LinkedBody::Way::to_client ? http::to_proxy(map) : to_upstream(request, map),
      content_type);
}

}  // namespace

LinkedBody::LinkedBody(Body& source, const Request& request, Way way, std::string_view content_type,
                       std::span<char> output)
    : source_(source),
      origin_(request.origin()),
      links_(links_of(request, way, content_type,
                      link_map(*request.route, request.as_forward_proxy, origin_))),
      output_(output) {
  assert(links_ && output.size() >= kOutputBytesMin);
}

Body::Status LinkedBody::pull(net::Stream& stream, net::Buffer& rest, std::span<char> scratch,
                              Gather& gather) {
  written_ = 0;
  if (!surplus_.empty()) {
    const net::Buffer surplus = std::exchange(surplus_, {});
    write(surplus.bytes());
  } else if (!unread_.empty()) {
    unread_.consume(rewrite(unread_.bytes()));
  } else if (!source_ended()) {  // asked again, a broken connection might report a mere end
    take(stream, rest, scratch);
  }
  const bool all_read = unread_.empty();
  if (all_read && source_ended() && !std::exchange(finished_, true)) write(links_->finish());
  if (written_ > 0) gather.add({output_.data(), written_});
  if (!all_read || !surplus_.empty()) return Status::more;
  // The held-back bytes of a body that was cut still go out; the next pull reports the cut.
  const bool broken = status_ == Status::malformed || status_ == Status::cut;
  return broken && written_ > 0 ? Status::more : status_;
}

void LinkedBody::take(net::Stream& stream, net::Buffer& rest, std::span<char> scratch) {
  Gather data;
  status_ = source_.pull(stream, rest, scratch, data);
  for (const iovec& part : data.data()) {
    std::string_view bytes(static_cast<const char*>(part.iov_base), part.iov_len);
    bytes.remove_prefix(rewrite(bytes));
    unread_.append(bytes);
  }
}

/// Returns how many bytes of `in` were rewritten before the output was full.
std::size_t LinkedBody::rewrite(std::string_view in) {
  constexpr std::size_t kReserve = http::LinkRewriter::kOtherBytesMax;
  const std::size_t whole = in.size();
  while (!in.empty() && room() > kReserve) {
    const http::LinkRewriter::Step step = links_->next(in.substr(0, room() - kReserve));
    write(step.same);
    write(step.other);
    in.remove_prefix(step.consumed);
  }
  return whole - in.size();
}

void LinkedBody::write(std::string_view text) {
  const std::size_t count = text.copy(output_.data() + written_, room());
  written_ += count;
  surplus_.append(text.substr(count));
}

bool LinkedBody::source_ended() const {
  return status_ == Status::done || status_ == Status::malformed || status_ == Status::cut;
}

}  // namespace bearer::relay
