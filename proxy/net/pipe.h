// Pipes that carry bytes from one socket to another without copying them (splice(2)): the kernel
// hands on the pages in which they came.
#pragma once

#include <cstddef>
#include <memory>
#include <utility>
#include <vector>

#include "base/descriptor.h"

namespace bearer::net {

class PipePool;

/// Used on its loop's thread.
class Pipe {
 public:
  Pipe(PipePool& pool, base::Descriptor in, base::Descriptor out)
      : pool_(pool), in_(std::move(in)), out_(std::move(out)) {}

  /// The end that is written to.
  int in() const { return in_.get(); }
  /// The end that is read from.
  int out() const { return out_.get(); }

  /// The number of bytes in it, as whoever writes to it or reads from it reports here.
  std::size_t bytes() const { return bytes_; }
  bool empty() const { return bytes_ == 0; }
  void filled(std::size_t count) { bytes_ += count; }
  void drained(std::size_t count) { bytes_ -= count; }

 private:
  friend class PipePool;
  friend struct PipeReturn;

  PipePool& pool_;
  base::Descriptor in_, out_;
  std::size_t bytes_ = 0;
};

struct PipeReturn {
  void operator()(Pipe* pipe) const noexcept;
};
/// Goes back to its pool, which must outlive it.
using PipeLease = std::unique_ptr<Pipe, PipeReturn>;

/// A loop's pipes, made when they are needed. A pipe is held only while there are bytes in it, so
/// one is enough for all whose receivers keep up.
class PipePool {
 public:
  /// The most pipes in use. Slow receivers hold them; what goes to others meanwhile is copied.
  static constexpr std::size_t kPipesMax = 16;
  static constexpr std::size_t kDescriptorsMax = 2 * kPipesMax;
  /// The most empty pipes that stay open: they count against the user's quota of pipes, and as
  /// measured more of them save nothing.
  static constexpr std::size_t kSparePipesMax = 1;

  PipePool() { spare_.reserve(kSparePipesMax); }
  PipePool(const PipePool&) = delete;
  PipePool& operator=(const PipePool&) = delete;
  ~PipePool();

  /// Returns an empty pipe. Null if all are in use, or if the system gives none that is worth it.
  PipeLease take();

 private:
  friend struct PipeReturn;

  void give_back(std::unique_ptr<Pipe> pipe) noexcept;

  std::vector<std::unique_ptr<Pipe>> spare_;  // has its room from the start
  std::size_t leased_ = 0;
  int refusals_ = 0;  // how often take() still fails without asking the system
};

}  // namespace bearer::net
