#include "relay/body/body_source.h"

namespace bearer::relay {

std::size_t BodySource::decode(std::string_view in, Gather& gather) {
  const std::size_t whole = in.size();
  while (!in.empty() && !reader_.done() && !malformed_ && !gather.full()) {
    const http::BodyReader::Step step = reader_.next(in);
    if (!step.data.empty()) gather.add(step.data);
    in.remove_prefix(step.consumed);
    malformed_ = step.status == http::BodyReader::Status::malformed;
  }
  return whole - in.size();
}

Body::Status BodySource::status(Status otherwise) const {
  if (malformed_) return Status::malformed;
  return reader_.done() ? Status::done : otherwise;
}

Body::Status BodySource::pull(net::Stream& stream, net::Buffer& rest, std::span<char> scratch,
                              Gather& gather) {
  if (reader_.done()) return Status::done;
  if (!rest.empty()) {
    // Copied to the scratch too: `gather` must not refer to a buffer that is consumed.
    const std::string_view bytes = rest.bytes().substr(0, scratch.size());
    const std::size_t copied = bytes.copy(scratch.data(), bytes.size());
    rest.consume(decode({scratch.data(), copied}, gather));
    return status(Status::more);
  }
  const net::Io io = stream.read(scratch);
  switch (io.status) {
    case net::Io::Status::blocked: return Status::blocked;
    case net::Io::Status::failed: return Status::cut;
    case net::Io::Status::ended: return reader_.at_eof() ? Status::done : Status::cut;
    case net::Io::Status::ok: break;
  }
  const std::string_view bytes(scratch.data(), io.bytes);
  rest.append(bytes.substr(decode(bytes, gather)));
  return status(Status::more);
}

}  // namespace bearer::relay
