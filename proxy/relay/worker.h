// One event loop's share of the data plane: its clients, its connections to the upstreams, its view
// of the credentials. Workers share nothing that is locked on the path.
#pragma once

#include <cstddef>
#include <functional>
#include <list>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/random.h"
#include "http/message.h"
#include "net/acceptor.h"
#include "net/loop.h"
#include "relay/admission.h"
#include "relay/client.h"
#include "relay/observer.h"
#include "relay/route.h"
#include "relay/token_slot.h"
#include "relay/upstream_pool.h"

namespace bearer::relay {

/// A route as one loop sees it.
struct Lane {
  Lane(Route& its_route, TokenSlot& its_token, std::unique_ptr<net::Dialer> its_dialer,
       net::Loop& loop)
      : route(its_route), token(its_token), dialer(std::move(its_dialer)), pool(loop, *dialer) {}

  Route& route;
  TokenSlot& token;
  std::unique_ptr<net::Dialer> dialer;
  UpstreamPool pool;
};

/// Memory that every exchange of a loop uses in turn: what it holds is lost when the coroutine
/// sleeps.
struct Scratch {
  static constexpr std::size_t kBodyBytes = 1u << 20;  ///< resident only as far as it was used

  /// Of links that grow by being rewritten, a body holds hardly more.
  static constexpr std::size_t kRelinkedBytes = 2 * kBodyBytes;

  std::unique_ptr<char[]> body = std::make_unique_for_overwrite<char[]>(kBodyBytes);
  std::unique_ptr<char[]> relinked = std::make_unique_for_overwrite<char[]>(kRelinkedBytes);
  http::RequestHead request;
  http::ResponseHead response;
  std::string head;

  std::span<char> body_space() { return {body.get(), kBodyBytes}; }
  /// Beside body_space(), for what is made of it.
  std::span<char> relinked_space() { return {relinked.get(), kRelinkedBytes}; }
};

class Worker {
 public:
  struct Parts {
    const base::Clock& clock;
    const RouteTable& routes;
    const AdmissionRules& rules;
    Observer& observer;
    std::unique_ptr<base::Random> random;
    std::size_t clients_max;
    /// Users whose processes are served on unix sockets; empty: any.
    std::vector<unsigned> allowed_uids = {};
    /// Called on the loop's thread once it is draining and the last client has gone.
    std::function<void()> drained;
  };
  explicit Worker(Parts parts);
  /// Ends every session where it stands. The loop must not be turning.
  ~Worker();

  net::Loop& loop() { return loop_; }

  // Before the loop turns.
  TokenSlot& add_credential(token::Source& source);
  void add_lane(std::unique_ptr<Lane> lane) { lanes_.push_back(std::move(lane)); }
  void listen_on(int listening_fd);

  // On the loop's thread.
  void add_client(std::unique_ptr<net::Stream> stream);
  /// Takes nobody in any more, lets idle clients go, and the others after their answer.
  void drain();
  bool draining() const { return draining_; }
  bool full() const { return clients_.size() - ended_.size() >= parts_.clients_max; }
  std::size_t clients() const { return clients_.size() - ended_.size(); }

  // For the sessions.
  Lane& lane(const Route& route);
  Scratch& scratch() { return scratch_; }
  const Parts& parts() const { return parts_; }
  Observer& observer() { return parts_.observer; }
  double jitter() { return parts_.random->unit(); }

 private:
  struct Door;

  net::Task<void> session(Client& client);
  net::Task<void> bury();
  net::Task<void> accept(Door& door);
  void take_in(int fd);

  Parts parts_;
  net::Loop loop_;
  Scratch scratch_;
  std::vector<std::unique_ptr<TokenSlot>> credentials_;
  std::vector<std::unique_ptr<Lane>> lanes_;
  std::list<Client> clients_;
  std::vector<std::list<Client>::iterator> ended_;
  std::vector<std::unique_ptr<Door>> doors_;
  bool draining_ = false;
  bool drained_ = false;
  net::Sleeper burial_;
  net::Task<void> undertaker_;
};

}  // namespace bearer::relay
