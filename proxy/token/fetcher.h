// Gets one new token from a source. Fetchers compose by wrapping one another.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>

#include "base/clock.h"
#include "base/result.h"
#include "base/secret.h"
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
  std::string remark = {};  ///< for a person: what a setting asks for and the answer lacks

  base::Duration lifetime() const { return expires - sent; }
};

/// True if the endpoint refuses the credential, so asking again soon is of no use.
constexpr bool is_rejection(base::Errc code) {
  return code == base::Errc::token_rejected || code == base::Errc::token_unauthorized;
}

/// Blocking. fetch() and fingerprint() are called by one thread, cancel() by any.
class Fetcher {
 public:
  virtual ~Fetcher() = default;

  virtual base::Result<Fetched> fetch() = 0;

  /// Changes when a fetch would read other inputs than the last one did, such as a replaced secret
  /// file. Cheap enough for two calls a second.
  virtual std::uint64_t fingerprint() const { return 0; }

  /// True if a change of the fingerprint justifies a fetch at any time, not only after a failure,
  /// because another program rotates the input.
  virtual bool watched() const { return false; }

  /// True while a fetch waits for another process's fetch, and sends nothing itself. Any thread.
  virtual bool waits_for_another() const { return false; }

  /// True while a fetch waits for the pipe that its secret comes from, and has sent no request yet.
  /// Any thread.
  virtual bool waits_for_pipe() const { return false; }

  /// Ends the current fetch soon, and makes every later one fail at once. For a shutdown.
  virtual void cancel() = 0;
};

}  // namespace bearer::token
