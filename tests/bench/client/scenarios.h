// What a client does to a proxy on 127.0.0.1. Each prints one JSON object to stdout, and throws if
// a connection that it needs is lost.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

namespace bearer::bench {

/// What does not move for this long will not come.
constexpr std::chrono::seconds kStalled{20};

struct LoadOptions {
  std::size_t connections = 1;
  std::chrono::milliseconds duration{1000};
  std::chrono::milliseconds pause{0};  ///< between an answer and that connection's next request
  std::uint64_t requests =
      0;  ///< so many, however long they take, instead of `duration`; 0: no end
};

/// Small GETs, one after the other on each connection.
void load(std::uint16_t port, const LoadOptions& options);

/// `count` clients ask `/held/ID` or, if each is to be `refused` by itself, `/refused/ID` at once.
/// Prints `sent` when all have, and the JSON when all were answered or `limit` is over.
void hold(std::uint16_t port, std::size_t count, bool refused, std::chrono::seconds limit);

/// `count` clients make one request each; prints the JSON and leaves them idle until stdin ends.
void idle(std::uint16_t port, std::size_t count);

/// One GET of a body, or one POST of one.
void download(std::uint16_t port, std::uint64_t bytes);
void upload(std::uint16_t port, std::uint64_t bytes);

/// One tunnel through which so many bytes go to an echo, and come back meanwhile.
void tunnel(std::uint16_t port, std::uint64_t bytes);

}  // namespace bearer::bench
