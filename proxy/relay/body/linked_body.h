// A JSON body on its way to the client, whose links to the upstream become links to the proxy
// (`--rewrite-body-links`, contract section 3, step 5).
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

#include "http/fields.h"
#include "http/json_links.h"
#include "http/message.h"
#include "net/buffer.h"
#include "relay/body/body.h"
#include "relay/request.h"

namespace bearer::relay {

/// True if the links in this response's body are rewritten: the route wants it, and the body is
/// JSON, whole and not compressed. The answer to a HEAD is described as a GET's would be.
bool relinked(const Request& request, const http::ResponseHead& head);

/// True for a field that says what a relinked body no longer is: its length, its digest, and that a
/// range of it could be had (that would be one of the upstream's bytes). An ETag stays: for whoever
/// names us alike the same bytes become the same bytes, and a weak one would fail every If-Match.
bool outdated_by_relinking(const http::Field& field);

/// What it refers to outlives it.
class LinkedBody final : public Body {
 public:
  /// What is rewritten goes to `output`, which a loop's bodies share: like the scratch, it is used
  /// from a pull until the coroutine sleeps. REQUIRES: output.size() >= kOutputBytesMin.
  LinkedBody(Body& source, const Request& request, std::span<char> output);
  LinkedBody(const LinkedBody&) = delete;
  LinkedBody& operator=(const LinkedBody&) = delete;

  static constexpr std::size_t kOutputBytesMin = 2 * http::JsonLinks::kOtherBytesMax;

  Status pull(net::Stream& stream, net::Buffer& rest, std::span<char> scratch,
              Gather& gather) override;
  /// None: nearly all there are speak of the bytes as they were, such as Content-Digest.
  std::string_view trailers() const override { return {}; }

 private:
  void take(net::Stream& stream, net::Buffer& rest, std::span<char> scratch);
  std::size_t rewrite(std::string_view in);
  void write(std::string_view text);
  std::size_t room() const { return output_.size() - written_; }
  bool source_ended() const;

  Body& source_;
  const std::string origin_;
  http::JsonLinks links_;
  std::span<char> output_;
  std::size_t written_ = 0;  // of the output, in this pull
  net::Buffer unread_;       // data whose rewritten form found no room in the output
  Status status_ = Status::more;
};

}  // namespace bearer::relay
