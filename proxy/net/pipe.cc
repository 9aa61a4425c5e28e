#include "net/pipe.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cassert>
#include <utility>

namespace bearer::net {
namespace {

// Each page takes a place in the pipe, even if a network card wrote only a part of it, and each
// call moves one pipe at most. As measured, the second size costs a third more, and a smaller pipe
// as much as copying or more. An ordinary user may have 64 pipes of the first size
// (/proc/sys/fs/pipe-user-pages-soft), and none where /proc/sys/fs/pipe-max-size is lower. Whoever
// gets none copies.
constexpr std::array kPipeBytes{1 << 20, 512 << 10};

/// The kernel's own size is not enough: 64 KiB, or only a page or two.
bool enlarge(const base::Descriptor& pipe) {
  return std::ranges::any_of(
      kPipeBytes, [&](int bytes) { return fcntl(pipe.get(), F_SETPIPE_SZ, bytes) >= bytes; });
}

// Asking in vain costs as much as a pipe saves, so this many pieces then pass without asking.
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

// Bytes that are left in a pipe belong to one connection, so no other one may get that pipe.
void PipePool::give_back(std::unique_ptr<Pipe> pipe) noexcept {
  --leased_;
  if (pipe->empty() && spare_.size() < kSparePipesMax) spare_.push_back(std::move(pipe));
}

}  // namespace bearer::net
