// The requests of one loop: those in flight, and the last that ended. It shows what became of a
// request, or what it waits for. It holds no query, no field's value and no body.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/errc.h"
#include "net/recycler.h"
#include "relay/request.h"
#include "relay/telemetry/cause.h"
#include "relay/telemetry/observer.h"
#include "relay/telemetry/wait_times.h"

namespace bearer::relay {

/// One attempt that has ended.
struct AttemptNote {
  Cause cause = Cause::first;
  int status = 0;                        ///< of the response; 0: there was none
  std::optional<base::Errc> fault = {};  ///< why there was none
  base::Duration waited{};               ///< by the request, since the previous attempt
  base::Duration took{};                 ///< to the response's head
};

/// One request. A value.
struct RequestRecord {
  static constexpr std::size_t kPathBytesMax = 512;  ///< the rest is left out
  static constexpr std::size_t kAttemptsMax = 16;    ///< the last of them are kept

  base::Instant began;
  std::string method, path, route, id;  ///< `route` is empty if it was refused before it had one
  bool path_cut = false;
  std::string_view http = kHttpVersions[1];  ///< the client's version of HTTP
  std::vector<AttemptNote> attempts;
  int attempts_made = 0;
  base::Duration took{};    ///< until now if it is in flight
  base::Duration waited{};  ///< in waits that have ended
  int status = 0;           ///< as the client got or gets it; 0: none
  std::string_view error;   ///< of Proxy-Status, if the answer is our own; a literal
  bool over = false;
  bool whole = false;  ///< false if the answer was cut short, or nobody was left to take it
  std::optional<WaitUnderWay> waits = {};  ///< what it waits for now
};

/// Selects requests.
struct RequestFilter {
  std::string route = {};  ///< empty: any
  bool failed = false;     ///< those that ended badly, or have met a fault so far
  std::size_t most = 512;  ///< of those in flight, and of those that ended

  bool takes(const RequestRecord& request) const;
};

/// Used on its loop's thread. `kept` and the number of requests in flight bound its memory.
class RequestList {
  /// A place in the ring of those in flight. The list's own is both its beginning and its end.
  struct Place {
    Place *before = this, *after = this;
  };

 public:
  static constexpr std::size_t kKept = 512;
  static constexpr std::size_t kKeptLeast = 16;  ///< by each of many loops, if any are kept

  /// `kept` may be 0: then only those under way are known.
  explicit RequestList(std::size_t kept = kKept) : kept_(kept) {}
  RequestList(const RequestList&) = delete;
  RequestList& operator=(const RequestList&) = delete;

  /// A request in flight, for as long as this object lives. The constructor's arguments outlive it.
  class Live : private Place {
   public:
    Live(RequestList& list, const ExchangeEnd& account, base::Instant began);
    Live(const Live&) = delete;
    Live& operator=(const Live&) = delete;
    ~Live();

    base::Instant began() const { return began_; }
    /// An attempt begins.
    void attempt_began(base::Instant now);
    /// The attempt has ended. REQUIRES: it began.
    void attempt_ended(Cause cause, const Outcome& outcome, base::Instant now);

    const WaitUnderWay* waits = nullptr;  ///< null: it waits only for its upstream or its client

   private:
    friend class RequestList;
    /// Not there before the first attempt: a request may wait long for that.
    struct Attempts : net::recycler::Recycled {
      base::Instant began{};             // the current one, or the last
      base::Duration waited_before{};    // until the end of the previous attempt
      AttemptNote last;                  // most requests need no more than one
      bool any = false;                  // has ended
      std::vector<AttemptNote> earlier;  // mostly empty
    };
    void write_to(RequestRecord& record) const;

    const ExchangeEnd& account_;
    const base::Instant began_;
    std::unique_ptr<Attempts> attempts_;
  };

  /// The exchange of `live` is over.
  void ended(const Live& live);
  /// A request was refused before its exchange began.
  void refused(const ExchangeEnd& end, base::Instant now);

  /// The requests in flight, the oldest first; then those that ended, the latest first.
  std::vector<RequestRecord> read(const RequestFilter& filter, base::Instant now) const;

 private:
  RequestRecord& next_place();

  const std::size_t kept_;
  std::vector<RequestRecord> ended_;  // a ring; its strings keep their memory
  std::size_t next_ = 0;              // the place of the next one that ends
  Place ring_;                        // the oldest one in flight is after it
};

}  // namespace bearer::relay
