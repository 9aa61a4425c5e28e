// A body whose links are rewritten on its way (`--rewrite-body-links`).
// In a response, links to the upstream become links to the proxy; in a request, links to the proxy
// become links to the upstreams, whose clients send back what they got.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "http/body_links/link_rewriter.h"
#include "net/buffer.h"
#include "relay/body/body.h"
#include "relay/request.h"

namespace bearer::relay {

/// The constructor's arguments outlive it.
class LinkedBody final : public Body {
 public:
  enum class Way : std::uint8_t { to_client, to_upstream };

  /// `content_type` is the body's; linked_syntax() knows a syntax for it. The rewritten bytes go to
  /// `output`, which a loop's bodies share: like the scratch, it is in use from a pull until the
  /// coroutine sleeps. REQUIRES: output.size() >= kOutputBytesMin.
  LinkedBody(Body& source, const Request& request, Way way, std::string_view content_type,
             std::span<char> output);
  LinkedBody(const LinkedBody&) = delete;
  LinkedBody& operator=(const LinkedBody&) = delete;

  static constexpr std::size_t kOutputBytesMin = 2 * http::LinkRewriter::kOtherBytesMax;

  Status pull(net::Stream& stream, net::Buffer& rest, std::span<char> scratch,
              Gather& gather) override;
  /// There are none: nearly all trailers describe the original bytes, such as Content-Digest.
  std::string_view trailers() const override { return {}; }

 private:
  void take(net::Stream& stream, net::Buffer& rest, std::span<char> scratch);
  std::size_t rewrite(std::string_view in);
  void write(std::string_view text);
  std::size_t room() const { return output_.size() - written_; }
  bool source_ended() const;

  Body& source_;
  const std::string origin_;
  const std::unique_ptr<http::LinkRewriter> links_;
  std::span<char> output_;
  std::size_t written_ = 0;  // bytes of the output, in this pull
  net::Buffer unread_;       // data that found no room in the output once rewritten
  net::Buffer surplus_;      // of the output, which has links that grew
  bool finished_ = false;    // links_->finish() has been called
  Status status_ = Status::more;
};

}  // namespace bearer::relay
