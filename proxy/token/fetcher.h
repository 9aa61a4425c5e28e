// Gets one new token from a source. Fetchers compose by wrapping one another.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <string>

#include "base/clock.h"
#include "base/result.h"
#include "base/secret.h"
#include "net/loop.h"
#include "net/task.h"
#include "token/source.h"

namespace bearer::token {

/// The requested members beside the token: printable texts of at most kAttributeCharsMax, as the
/// server wrote them. They are not verified.
using Attributes = std::map<std::string, std::string>;

struct Fetched {
  base::Secret value;     ///< visible ASCII: see is_token()
  base::Instant sent;     ///< when it was requested: its lifetime is counted from here
  base::Instant expires;  ///< later than `sent`
  std::string scope;      ///< as granted, printable; empty if the server did not say
  Attributes attributes = {};
  bool shared = false;  ///< another process fetched it, and this one took it from the store
  std::shared_ptr<const Binding> binding = {};  ///< see Token
  std::string remark = {};  ///< for a person: what the answer lacks, or says that cannot be so
  bool past_end = false;    ///< it said no other end than one that was past: `expires` is a guess
  /// The end of the refresh token that came with it, by which the next token is to be fetched.
  base::Instant renewable_until = base::kNever;

  base::Duration lifetime() const { return expires - sent; }
};

/// True if the endpoint rejects the credential, so asking again soon is of no use.
constexpr bool is_rejection(base::Errc code) {
  return code == base::Errc::token_rejected || code == base::Errc::token_unauthorized;
}

/// Used on its loop's thread.
class Fetcher {
 public:
  virtual ~Fetcher() = default;

  /// One at a time. Destroying the task ends the fetch where it stands, and with it whatever it has
  /// started; end_fetch() does that in good order.
  virtual net::Task<base::Result<Fetched>> fetch() = 0;

  /// Changes when a fetch would read other inputs than the last one did, such as a replaced secret
  /// file. Cheap enough for two calls a second.
  virtual std::uint64_t fingerprint() const { return 0; }

  /// True if a change of the fingerprint justifies a fetch at any time, not only after a failure,
  /// because another program rotates the input.
  virtual bool watched() const { return false; }

  /// Tells a person why a fetch waits for its turn to send a request; empty if it does not. Any
  /// thread.
  virtual std::string waits_for_turn() const { return {}; }

  /// True while a fetch waits for another process's fetch, and sends nothing itself. Any thread.
  virtual bool waits_for_another() const { return false; }

  /// True while a fetch waits for the pipe that its secret comes from, and has sent no request yet.
  /// Any thread.
  virtual bool waits_for_pipe() const { return false; }

  /// True while the fetch under way had better come to its end: what would be lost with it may be
  /// the only refresh token that is good from now on.
  virtual bool spending() const { return false; }

  /// True while a refresh token that a fetch got is nowhere but in memory. The fetcher goes on with
  /// it. save() tries to save it; no fetch is under way then.
  virtual bool unsaved() const { return false; }
  virtual net::Task<void> save() { co_return; }

  /// The error of a fetch that is ended now. It says what the fetch waited for.
  virtual base::Error ended() const {
    return {base::Errc::token_unreachable, "the token request was cancelled"};
  }

  /// Saves what is unsaved, and releases what a fetch held when it was ended where it stood, or by
  /// an exception.
  virtual net::Task<void> close() { co_return; }
};

/// Awaits one fetch. An exception that escapes from it, which is a bug of ours, closes the fetcher
/// and becomes Errc::internal_fault: one credential's bug must not end the others' requests. Only
/// std::bad_alloc goes on.
net::Task<base::Result<Fetched>> guarded_fetch(Fetcher& fetcher);

/// The longest wait, at the program's end, for a request that spends a refresh token.
inline constexpr base::Duration kSpendingGrace = std::chrono::seconds(5);

/// Waits while the fetch under way is spending, at most for kSpendingGrace. Whoever awaits the
/// fetch wakes `sleeper` at its end.
net::Task<void> await_spent(const Fetcher& fetcher, net::Sleeper& sleeper);

/// Ends the fetch that `under_way` awaits. One that is spending may come to its end within
/// kSpendingGrace. Then it destroys the fetch and closes the fetcher. Whoever awaits the fetch
/// wakes `sleeper` at its end. The arguments outlive the task.
net::Task<void> end_fetch(Fetcher& fetcher, net::Task<void>& under_way, net::Sleeper& sleeper);

}  // namespace bearer::token
