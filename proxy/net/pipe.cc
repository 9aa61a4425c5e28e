#include "net/pipe.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cassert>
#include <utility>

namespace bearer::net {
namespace {

// Each page, or what a network card wrote of it, takes a place of its own, and each call moves one
// pipe at most: measured, a smaller pipe than the second costs more than to copy. An ordinary user
// may have 64 of the larger (/proc/sys/fs/pipe-user-pages-soft), and none at all where
// /proc/sys/fs/pipe-max-size is lower.
constexpr std::array kPipeBytes{1 << 20, 256 << 10};

/// With the kernel's own size a pipe holds 64 KiB, or a page or two.
bool enlarge(const base::Descriptor& pipe) {
  return std::ranges::any_of(
      kPipeBytes, [&](int bytes) { return fcntl(pipe.get(), F_SETPIPE_SZ, bytes) >= bytes; });
}

// To ask in vain costs as much as it spares: so many bodies' pieces then pass without asking.
constexpr int kRefusals = 256;

std::unique_ptr<Pipe> open_pipe(PipePool& pool) {
  std::array<int, 2> ends{-1, -1};
  if (pipe2(ends.data(), O_NONBLOCK | O_CLOEXEC) != 0) return nullptr;
  base::Descriptor out(ends[0]);
  base::Descriptor in(ends[1]);
  if (!enlarge(in)) return nullptr;
  return std::make_unique<Pipe>(pool, std::move(in), std::move(out));
}

}  // namespace

void PipeReturn::operator()(Pipe* pipe) const noexcept {
  pipe->pool_.give_back(std::unique_ptr<Pipe>(pipe));
}

PipePool::~PipePool() {
  assert(leased_ == 0);
}

PipeLease PipePool::take() {
  std::unique_ptr<Pipe> pipe;
  if (!spare_.empty()) {
    pipe = std::move(spare_.back());
    spare_.pop_back();
  } else if (refusals_ > 0) {
    --refusals_;
  } else if (leased_ < kPipesMax) {
    pipe = open_pipe(*this);
    if (!pipe) refusals_ = kRefusals;
  }
  if (pipe) ++leased_;
  return PipeLease(pipe.release());
}

// What is in a pipe is some connection's: no other may get it.
void PipePool::give_back(std::unique_ptr<Pipe> pipe) noexcept {
  --leased_;
  if (pipe->empty() && spare_.size() < kSparePipesMax) spare_.push_back(std::move(pipe));
}

}  // namespace bearer::net
