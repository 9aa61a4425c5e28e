// Any frames of a client that has begun to speak HTTP/2, in any pieces, before upstreams that
// answer at once.
#include <algorithm>
#include <exception>
#include <string>
#include <string_view>

#include "base/text.h"
#include "tests/fuzz/heads.h"
#include "tests/fuzz/pieces.h"
#include "tests/fuzz/target.h"
#include "tests/fuzz/transcript.h"
#include "tests/support/h2_frames.h"
#include "tests/support/observations.h"
#include "tests/support/raw_message.h"
#include "tests/support/relay_world.h"

namespace bearer::fuzz {
namespace {

using test::RelayWorld;
using test::Wire;

constexpr std::string_view kToken = "token-that-no-client-sees";

std::size_t lines_of(std::string_view head, std::string_view name) {
  const std::string text = base::to_lower(head);
  const std::string wanted = "\r\n" + std::string(name) + ":";
  std::size_t count = 0;
  for (std::size_t at = text.find(wanted); at != text.npos; at = text.find(wanted, at + 1)) ++count;
  return count;
}

/// What the upstream was sent, and whether it reads as one thing only.
void check_upstream(const Wire& wire) {
  const Transcript sent = requests_in(wire.stream.written(), /*tunnel=*/false);
  check(sent.sound, "the upstream is sent requests, and nothing else");
  for (const Message& message : sent.messages) {
    check_plain_lines(message.head);
    check(lines_of(message.head, "authorization") == 1, "one Authorization");
    check(lines_of(message.head, "host") == 1, "one Host");
    check(
        lines_of(message.head, "content-length") + lines_of(message.head, "transfer-encoding") <= 1,
        "one framing");
    check(message.head.find(kToken) != std::string::npos, "with the token");
  }
}

/// Every upstream answers what it has got whole; large answers meet closed windows.
void answer_all(RelayWorld& world, std::vector<std::size_t>& answered) {
  const auto& wires = world.at_upstream.wires;
  answered.resize(wires.size());
  for (std::size_t i = 0; i < wires.size(); ++i) {
    const Transcript sent = requests_in(wires[i]->stream.written(), /*tunnel=*/false);
    const auto whole = static_cast<std::size_t>(
        std::ranges::count(sent.messages, true, [](const Message& one) { return one.whole; }));
    for (; answered[i] < whole; ++answered[i]) {
      const std::string body(i % 3 == 0 ? 90'000 : i % 7, 'b');
      wires[i]->give(test::answer("200 OK", body));
    }
  }
}

void check_client(const Wire& wire) {
  const std::string& written = wire.stream.written();
  check(written.find(kToken) == std::string::npos, "no client sees the token");
  test::H2Reader reader;
  try {
    reader.feed(written);
  } catch (const std::exception&) {
    check(false, "what a client is sent is HTTP/2");
  }
}

void run(std::string_view bytes) {
  test::Observations deaf;
  std::vector<std::shared_ptr<Wire>> wires;
  {
    RelayWorld world(deaf, std::string(kToken));
    Wire& client = world.connect();
    client.give(test::h2::hello());
    std::vector<std::size_t> answered;
    for (Pieces pieces(bytes); !pieces.empty();) {
      client.give(pieces.next());
      world.settle();
      answer_all(world, answered);
    }
    client.end();
    check(world.outlast_clients(), "no client hangs for ever");
    check_client(client);
    for (const auto& wire : world.at_upstream.wires) check_upstream(*wire);
    wires = world.clients;
    wires.insert(wires.end(), world.at_upstream.wires.begin(), world.at_upstream.wires.end());
  }
  check(std::ranges::all_of(wires, [](const auto& wire) { return wire->closed; }),
        "every connection is closed in the end");
}

const Registration registration("http2_server", run);

}  // namespace
}  // namespace bearer::fuzz
