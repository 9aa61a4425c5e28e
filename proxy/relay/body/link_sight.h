// A body that passes unchanged. Its beginning is searched for links that `--rewrite-body-links`
// would rewrite.
#pragma once

#include <cstddef>
#include <functional>
#include <span>
#include <string>
#include <string_view>

#include "http/body_links/json_links.h"
#include "relay/body/body.h"
#include "relay/request.h"

namespace bearer::relay {

/// The constructor's arguments outlive it.
class LinkSight final : public Body {
 public:
  static constexpr std::size_t kLookBytesMax = 16u << 10;  ///< of a body; the rest is not searched

  /// `source` is JSON. `seen` is called once, for the first link.
  LinkSight(Body& source, const Request& request, std::function<void()> seen);
  LinkSight(const LinkSight&) = delete;
  LinkSight& operator=(const LinkSight&) = delete;

  Status pull(net::Stream& stream, net::Buffer& rest, std::span<char> scratch,
              Gather& gather) override;
  std::string_view trailers() const override { return source_.trailers(); }

 private:
  void look_at(std::string_view data);

  Body& source_;
  const std::string origin_;
  std::function<void()> seen_;
  http::JsonLinks links_;
  std::size_t left_ = kLookBytesMax;
};

}  // namespace bearer::relay
