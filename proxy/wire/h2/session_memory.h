// Memory for nghttp2: what need not be kept is shared, and what may hold a token is wiped.
//
// nghttp2 makes each frame that it sends in a buffer of 16 KiB. Every session would keep one for as
// long as it lives: two thirds of what an idle session holds. A frame stands there during one call
// of nghttp2_session_mem_send(), and until its bytes are taken. So the servers' sessions of a
// thread share one such buffer.
//
// A session needs 9 KiB more, which are mostly zeros: its state, its table of streams and the rings
// of both header tables. They stand in pages of their own, which are put away while
// the session rests.
//
// A client's sessions are few, and need none of that. They send secrets: nghttp2 copies a head that
// has to wait, and fields of a head that it packs.
#pragma once

#include <nghttp2/nghttp2.h>

#include <cstddef>
#include <cstdint>
#include <optional>

#include "wire/h2/pages.h"

namespace bearer::wire::h2 {

/// Each session has one, which outlives it.
class SessionMemory {
 public:
  enum class Use : std::uint8_t {
    /// Frames are shared, and the session may rest. REQUIRES: all bytes that
    /// nghttp2_session_mem_send() gives are taken before any session of
    /// the thread makes others, and no callback of it blocks (NGHTTP2_ERR_WOULDBLOCK). A client's
    /// session does not meet that: its first bytes stand there from its beginning on.
    server,
    /// A client's.
    wiped,
  };
  explicit SessionMemory(Use use);
  SessionMemory(const SessionMemory&) = delete;
  SessionMemory& operator=(const SessionMemory&) = delete;

  /// The functions with which the session is made.
  nghttp2_mem* functions() { return &functions_; }
  /// The session has been made. Nothing that it asks for from now on is such a buffer.
  void made() { making_ = false; }

  /// Puts away what a server's session keeps. REQUIRES: nghttp2 is not called until take_back().
  void put_away() {
    if (pages_) pages_->put_away();
  }
  void take_back() {
    if (away()) pages_->take_back();
  }
  bool away() const { return pages_ && pages_->away(); }

 private:
  static void* allocate(std::size_t size, void*);
  static void* allocate_cleared(std::size_t count, std::size_t size, void*);
  /// nghttp2 asks for its buffers by this, whether it had one before or not.
  static void* reallocate(void* memory, std::size_t size, void* self);
  static void release(void* memory, void* self);

  void* in_pages(std::size_t whole);

  const Use use_;
  bool making_ = true;
  std::optional<Pages> pages_;
  std::size_t in_pages_ = 0;  // the bytes of them that are used
  void* frames_ = nullptr;    // shared, not ours
  nghttp2_mem functions_{this, allocate, release, allocate_cleared, reallocate};
};

}  // namespace bearer::wire::h2
