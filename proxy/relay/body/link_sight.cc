#include "relay/body/link_sight.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "relay/admission.h"

namespace bearer::relay {
namespace {

/// The links that to_proxy() would translate. Each one is reported, and none is changed.
http::LinkTranslation told_links(const http::LinkMap& map, std::function<void()> tell) {
  http::LinkTranslation links = http::to_proxy(map);
  links.translate = [translate = std::move(links.translate),
                     tell = std::move(tell)](std::string_view link) -> std::optional<std::string> {
    if (translate(link)) tell();
    return std::nullopt;
  };
  return links;
}

}  // namespace

LinkSight::LinkSight(Body& source, const Request& request, std::function<void()> seen)
    : source_(source),
      origin_(request.origin()),
      seen_(std::move(seen)),
      links_(told_links(link_map(*request.route, request.as_forward_proxy, origin_), [this] {
        left_ = 0;
        if (seen_) std::exchange(seen_, nullptr)();
      })) {}

Body::Status LinkSight::pull(net::Stream& stream, net::Buffer& rest, std::span<char> scratch,
                             Gather& gather) {
  const std::size_t before = gather.data().size();
  const Status status = source_.pull(stream, rest, scratch, gather);
  if (left_ == 0) return status;
  for (const iovec& part : gather.data().subspan(before)) {
    look_at({static_cast<const char*>(part.iov_base), part.iov_len});
  }
  return status;
}

void LinkSight::look_at(std::string_view data) {
  data = data.substr(0, left_);
  while (!data.empty() && left_ > 0) {
    const std::size_t consumed = links_.next(data).consumed;
    data.remove_prefix(consumed);
    left_ -= std::min(left_, consumed);
  }
}

}  // namespace bearer::relay
