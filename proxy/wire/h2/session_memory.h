// Memory for nghttp2: what need not be kept is shared, and what may hold a token is wiped.
//
// nghttp2 makes each frame that it sends in a buffer of 16 KiB. Every session would keep one for as
// long as it lives: two thirds of what an idle session holds. A frame stands there during one call
// of nghttp2_session_mem_send(), and until its bytes are taken. So the servers' sessions of a
// thread share one such buffer.
//
// A client's sessions are few, and send tokens: nghttp2 copies a head before it packs it.
#pragma once

#include <nghttp2/nghttp2.h>

#include <cstddef>
#include <cstdint>

namespace bearer::wire::h2 {

/// Each session has one, which outlives it.
class SessionMemory {
 public:
  enum class Use : std::uint8_t {
    /// REQUIRES: all bytes that nghttp2_session_mem_send() gives are taken before any session of
    /// the thread makes others, and no callback of it blocks (NGHTTP2_ERR_WOULDBLOCK). A client's
    /// session does not meet that: its first bytes stand there from its beginning on.
    frames_shared,
    wiped,
  };
  explicit SessionMemory(Use use) : use_(use) {}
  SessionMemory(const SessionMemory&) = delete;
  SessionMemory& operator=(const SessionMemory&) = delete;

  /// The functions with which the session is made.
  nghttp2_mem* functions() { return &functions_; }
  /// The session has been made. Nothing that it asks for from now on is such a buffer.
  void made() { making_ = false; }

 private:
  static void* allocate(std::size_t size, void*);
  static void* allocate_cleared(std::size_t count, std::size_t size, void*);
  /// nghttp2 asks for its buffers by this, whether it had one before or not.
  static void* reallocate(void* memory, std::size_t size, void* self);
  static void release(void* memory, void* self);

  const Use use_;
  bool making_ = true;
  void* frames_ = nullptr;  // shared, not ours
  nghttp2_mem functions_{this, allocate, release, allocate_cleared, reallocate};
};

}  // namespace bearer::wire::h2
