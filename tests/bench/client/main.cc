// bearer-bench-client: the clients in front of the proxies that are measured.
//
//   bearer-bench-client load PORT CONNECTIONS MILLISECONDS [PAUSE_MS]
//   bearer-bench-client count PORT CONNECTIONS REQUESTS
//   bearer-bench-client hold|refused PORT COUNT LIMIT_SECONDS
//   bearer-bench-client idle PORT COUNT
//   bearer-bench-client download|upload|tunnel PORT BYTES

#include <cstdio>
#include <exception>
#include <span>
#include <stdexcept>
#include <string_view>

#include "bench/client/scenarios.h"
#include "bench/peers/head.h"

namespace bearer::bench {
namespace {

void run(std::span<char* const> arguments) {
  const auto number = [&](std::size_t i) -> std::uint64_t {
    return i < arguments.size() ? leading_number(arguments[i]) : 0;
  };
  const std::string_view scenario = arguments.size() > 2 ? arguments[0] : "";
  const auto port = static_cast<std::uint16_t>(number(1));
  if (scenario == "load") {
    load(port, {.connections = number(2),
                .duration = std::chrono::milliseconds(number(3)),
                .pause = std::chrono::milliseconds(number(4))});
  } else if (scenario == "count") {
    load(port, {.connections = number(2), .requests = number(3)});
  } else if (scenario == "hold" || scenario == "refused") {
    hold(port, number(2), scenario == "refused", std::chrono::seconds(number(3)));
  } else if (scenario == "idle") {
    idle(port, number(2));
  } else if (scenario == "download") {
    download(port, number(2));
  } else if (scenario == "upload") {
    upload(port, number(2));
  } else if (scenario == "tunnel") {
    tunnel(port, number(2));
  } else {
    throw std::runtime_error("usage: SCENARIO PORT NUMBER..., see tests/bench/client/main.cc");
  }
}

}  // namespace
}  // namespace bearer::bench

int main(int argc, char** argv) try {
  bearer::bench::run(std::span(argv, static_cast<std::size_t>(argc)).subspan(1));
} catch (const std::exception& failure) {
  std::fprintf(stderr, "bearer-bench-client: %s\n", failure.what());
  return 1;
}
