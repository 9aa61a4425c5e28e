// All that the data plane knows about a credential: its current token, and how to report that the
// upstream rejected it. It does not know how tokens are fetched.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"
#include "base/secret.h"

namespace bearer::token {

/// A request whose sender proves that it has its token's key. The caller owns the texts.
struct ProvenRequest {
  std::string_view method;
  std::string_view origin;        ///< `https://api.example.com`, as Host has it
  std::string_view target;        ///< as it is sent; the proof leaves out its query
  std::string_view token_digest;  ///< Token::digest; empty for a token request
  std::string_view nonce;         ///< the server's latest; empty: none
  base::WallTime now;
};

/// Makes proofs with one key. Used by one thread.
class Prover {
 public:
  virtual ~Prover() = default;
  /// The value of the DPoP field (RFC 9449 section 4.2), good until the next call. No two are
  /// alike. Errc::file_unreadable if the key cannot be used.
  virtual base::Result<std::string_view> prove(const ProvenRequest& request) = 0;
};

/// The key that tokens are bound to. Thread-safe.
class Binding {
 public:
  virtual ~Binding() = default;
  virtual std::unique_ptr<Prover> prover() const = 0;
  /// For a person: `ES256 key 0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I`.
  virtual std::string text() const = 0;
};

struct Token {
  base::Secret value;            ///< visible ASCII: safe to write into a head
  std::uint64_t generation = 0;  ///< 1 for the credential's first token, one more for each next
  base::Instant asked;           ///< what was revoked before then is another token
  base::Instant expires;         ///< not used from this moment on
  std::map<std::string, std::string> attributes = {};  ///< see Fetched: not checked
  /// Null: it is sent as Bearer. Otherwise it is sent as DPoP, each time with a proof.
  std::shared_ptr<const Binding> binding = {};
  std::string digest = {};  ///< a bound token's: base64url of its SHA-256
};

using TokenPtr = std::shared_ptr<const Token>;

/// A credential at one moment.
struct State {
  /// The result of recent fetches. `unavailable` and `rejected` may stand beside a token that is
  /// still valid: it is used until it ends.
  enum class Health { starting, good, unavailable, rejected };

  TokenPtr token;  ///< null until the first one came; may have expired: see valid()
  /// The token before; null if there was none, or it was rejected. An API may accept it for a while
  /// after `token` came, and not accept `token` yet.
  TokenPtr former = {};
  Health health = Health::starting;
  /// Tells a person why there is no better token: the last failure or, without one, what the
  /// current fetch waits for. Holds no secret.
  std::string reason;
  base::Instant next_try;  ///< of the next fetch; kNever: one is under way; in the past: it begins
  /// The last failure was a rejection that passes if the client was set up a moment ago, so a start
  /// that can wait does. Requests fail at once, as they do after any rejection.
  bool may_pass = false;

  /// True if there is a token that has not expired.
  bool valid(base::Instant now) const { return token && token->expires > now; }
};

/// Thread-safe. Outlives every subscription.
class Source {
 public:
  virtual ~Source() = default;

  /// A consistent copy. Takes a short lock: a loop calls it once for each change, not each request.
  virtual State state() const = 0;

  /// The upstream answered 401 to the token of `generation`. Starts a fetch unless one is under way
  /// or a newer token is there. False if no newer token is to be expected: replays with this
  /// credential failed lately, and for a while 401s are relayed instead of hammering the endpoint.
  virtual bool reject(std::uint64_t generation) = 0;

  /// The replay that followed a reject() has ended: `accepted` is false if the fresh token got a
  /// 401 too. Each failure in a row doubles the hold-off of reject(), from 1 s to 60 s; a success
  /// ends it.
  virtual void replayed(std::uint64_t generation, bool accepted) = 0;

  /// Calls `on_change`, on the control plane's thread, after each change of state(), until the
  /// returned handle is destroyed; the handle's destructor waits for a call that is under way.
  virtual std::unique_ptr<struct Subscription> subscribe(std::function<void()> on_change) = 0;
};

struct Subscription {
  virtual ~Subscription() = default;
};

}  // namespace bearer::token
