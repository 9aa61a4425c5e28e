#include "tests/support/faulty_stream.h"

#include "net/loop.h"

namespace bearer::test {

using net::Io;

void FaultyStream::set_waiter(net::Sleeper* sleeper) {
  sleeper_ = sleeper;
  under_->set_waiter(sleeper);
}

Io FaultyStream::read(std::span<char> into) {
  if (broken_) return {Io::Status::failed};
  if (ended_) return {Io::Status::ended};
  if (!plan_.strikes()) return under_->read(into);
  switch (plan_.fault()) {
    case Fault::failed: broken_ = true; return {Io::Status::failed};
    case Fault::ended: ended_ = true; return {Io::Status::ended};
    case Fault::one_byte: break;
    case Fault::one_byte_failed: broken_ = true; break;
  }
  const Io io = under_->read(into.first(1));
  return broken_ && !io.ok() ? Io{Io::Status::failed} : io;
}

Io FaultyStream::write(std::span<const iovec> from) {
  if (broken_) return {Io::Status::failed};
  if (!plan_.strikes()) return under_->write(from);
  if (plan_.fault() == Fault::one_byte) return write_one(from);
  broken_ = true;
  if (plan_.fault() == Fault::one_byte_failed) return write_one(from);
  return {Io::Status::failed};
}

Io FaultyStream::write_one(std::span<const iovec> from) {
  const iovec one{.iov_base = from.front().iov_base, .iov_len = 1};
  // The stream below has taken all that it was given and will not say that there is room.
  if (sleeper_) sleeper_->wake();
  return under_->write({&one, 1});
}

net::Task<base::Result<net::Dialed>> FaultyDialer::dial(const net::Wait& wait, net::Alpn alpn) {
  const bool fails = plan_.strikes() && plan_.fault() != Fault::one_byte;
  if (fails) co_return base::Error{base::Errc::connect_refused, "by the plan"};
  base::Result<net::Dialed> dialed = co_await under_->dial(wait, alpn);
  if (dialed) {
    dialed->stream = std::make_unique<FaultyStream>(std::move(dialed->stream), plan_);
    dialed->stream->set_waiter(&wait.sleeper);
  }
  co_return dialed;
}

}  // namespace bearer::test
