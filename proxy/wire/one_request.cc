#include "wire/one_request.h"

#include <openssl/crypto.h>

#include <string>
#include <utility>
#include <vector>

#include "http/body_reader.h"
#include "http/framing.h"
#include "http/head_scanner.h"
#include "net/write_all.h"

namespace bearer::wire {
namespace {

using base::Errc;
using base::Error;
using base::Result;

/// `head` is the part of it that has come, if the fault is in its bytes.
Error malformed(http::HeadFault fault, std::string_view head = {}) {
  return {Errc::response_malformed, http::sentence(fault, head)};
}

base::Secret joined(const std::vector<std::string_view>& pieces) {
  std::size_t size = 0;
  for (const std::string_view piece : pieces) size += piece.size();
  std::string body;
  body.reserve(size);  // growing would leave copies
  for (const std::string_view piece : pieces) body.append(piece);
  return base::Secret(std::move(body));
}

}  // namespace

Inbox::Inbox(std::size_t bytes_max)
    : bytes_max_(bytes_max), memory_(std::make_unique_for_overwrite<char[]>(bytes_max)) {}

Inbox::~Inbox() {
  OPENSSL_cleanse(memory_.get(), size_);
}

net::Task<Result<void>> OneRequest::send(std::string_view text) {
  const net::Written written = co_await net::write_all(stream_, wait_, text);
  if (written == net::Written::whole) co_return {};
  if (written == net::Written::late) co_return Error{Errc::response_timeout, ""};
  // A server that closes early has mostly said why before: by a response, or by a TLS alert that
  // only a read meets.
  const net::Io said = stream_.read(inbox_.room());
  if (!said.ok()) co_return lost();
  inbox_.filled(said.bytes);
  co_return {};
}

net::Task<Result<void>> OneRequest::read_head(http::ResponseHead& head) {
  http::HeadScanner scanner(http::HeadScanner::Kind::response);
  for (;;) {
    const auto status = scanner.feed(inbox_.bytes());
    if (status == http::HeadScanner::Status::incomplete) {
      const Result<bool> more = co_await receive();
      if (!more) co_return more.error();
      if (!*more) co_return lost();
      continue;
    }
    http::HeadFault fault = http::HeadScanner::fault(status);
    if (fault == http::HeadFault::none) {
      std::string_view bytes = inbox_.bytes().substr(scanner.begin(), scanner.length());
      if (scanner.odd()) bytes = unfolded_ = http::unfold_head(bytes);
      fault = http::parse_response_head(bytes, head);
    }
    if (fault != http::HeadFault::none) co_return malformed(fault, inbox_.bytes());
    inbox_.consume(scanner.begin() + scanner.length());
    if (head.status >= 200) co_return {};
    scanner.reset();
  }
}

net::Task<Result<base::Secret>> OneRequest::read_body(http::Method method,
                                                      const http::ResponseHead& head) {
  http::Framing framing;
  const http::HeadFault fault = http::response_framing(head, method, framing);
  if (fault != http::HeadFault::none) co_return malformed(fault);
  http::BodyReader reader(framing, http::Reading::lenient);
  std::vector<std::string_view> pieces;
  while (!reader.done()) {
    if (inbox_.bytes().empty()) {
      const Result<bool> more = co_await receive();
      if (!more) co_return more.error();
      if (!*more && !reader.at_eof()) co_return lost();
      continue;
    }
    const auto step = reader.next(inbox_.bytes());
    if (step.status == http::BodyReader::Status::malformed) {
      co_return Error{Errc::response_malformed, "its body's framing"};
    }
    inbox_.consume(step.consumed);
    pieces.push_back(step.data);
  }
  co_return joined(pieces);
}

net::Task<Result<bool>> OneRequest::receive() {
  if (inbox_.room().empty()) {
    co_return Error{Errc::response_malformed,
                    "it is larger than " + std::to_string(inbox_.bytes_max() >> 10) + " KiB"};
  }
  for (;;) {
    const net::Io io = stream_.read(inbox_.room());
    if (io.ok()) {
      inbox_.filled(io.bytes);
      co_return true;
    }
    if (io.status == net::Io::Status::ended) co_return false;
    if (!io.blocked()) co_return lost();
    // It is late only if nothing came: this machine may have slept, or this process stood still.
    if (late_) co_return Error{Errc::response_timeout, ""};
    const net::Wake woke = co_await wait_.next();
    late_ = woke == net::Wake::timed_out;
  }
}

Error OneRequest::lost() const {
  return {Errc::connection_lost, stream_.failure()};
}

}  // namespace bearer::wire
