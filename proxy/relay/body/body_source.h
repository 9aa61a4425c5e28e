// A framed body that comes from a connection.
#pragma once

#include <cstddef>
#include <string_view>

#include "http/body_reader.h"
#include "relay/body/body.h"

namespace bearer::relay {

class BodySource final : public Body {
 public:
  explicit BodySource(const http::Framing& framing, http::Reading reading = http::Reading::strict)
      : reader_(framing, reading) {}

  Status pull(net::Stream& stream, net::Buffer& rest, std::span<char> scratch,
              Gather& gather) override;
  std::string_view trailers() const override { return reader_.trailers(); }

  bool done() const { return reader_.done(); }
  bool odd() const { return reader_.odd(); }

 private:
  /// Decodes `in` into `gather` until either is used up; returns how many bytes of `in` were taken.
  std::size_t decode(std::string_view in, Gather& gather);
  Status status(Status otherwise) const;

  http::BodyReader reader_;
  bool malformed_ = false;
};

}  // namespace bearer::relay
