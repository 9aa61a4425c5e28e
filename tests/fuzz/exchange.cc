// Whole exchanges: clients and upstreams say anything, in any pieces, and break off anywhere.
#include <algorithm>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/text.h"
#include "http/head_parser.h"
#include "tests/fuzz/heads.h"
#include "tests/fuzz/script.h"
#include "tests/fuzz/target.h"
#include "tests/fuzz/transcript.h"
#include "tests/fuzz/world.h"

namespace bearer::fuzz {
namespace {

using http::FieldName;

bool switched(std::string_view responses) {
  return responses.find(" 101") != std::string_view::npos;
}

/// Counts the lines of the head that begin with `name`, which is lower case.
std::size_t lines_of(std::string_view head, std::string_view name) {
  const std::string text = base::to_lower(head);
  const std::string wanted = "\r\n" + std::string(name) + ":";
  std::size_t count = 0;
  for (std::size_t at = text.find(wanted); at != text.npos; at = text.find(wanted, at + 1)) ++count;
  return count;
}

std::vector<Message> asked_by_clients(const World& world) {
  std::vector<Message> asked;
  for (const auto& wire : world.clients()) {
    const Transcript transcript = requests_in(wire->given, switched(wire->stream.written()));
    asked.insert(asked.end(), transcript.messages.begin(), transcript.messages.end());
  }
  return asked;
}

/// True if that request of a client's may have become this one.
bool may_become(const Message& asked, const Message& sent) {
  const std::string_view path = std::string_view(sent.target).substr(1);  // of `http://host?q`
  return asked.method_text == sent.method_text && asked.target.ends_with(path) &&
         (sent.whole ? asked.whole && asked.body == sent.body : asked.body.starts_with(sent.body));
}

/// Two readers, one of them plain, see one and the same request.
void check_sent_head(const Message& sent) {
  check_plain_lines(sent.head);
  check(lines_of(sent.head, "authorization") == 1, "one Authorization");
  check(lines_of(sent.head, "host") == 1, "one Host");
  check(lines_of(sent.head, "content-length") + lines_of(sent.head, "transfer-encoding") <= 1,
        "one framing");
  http::RequestHead head;
  http::parse_request_head(sent.head, head);
  const std::string_view authorization = head.fields.value(FieldName::authorization);
  const bool ours = std::ranges::any_of(World::kTokens, [&](std::string_view token) {
    return authorization == "Bearer " + std::string(token);
  });
  check(ours, "the Authorization is ours, not the client's");
  check(head.fields.value(FieldName::host) == World::kUpstream, "the Host is the upstream's");
}

void check_upstream(const Wire& wire, const std::vector<Message>& asked) {
  const Transcript sent = requests_in(wire.stream.written(), switched(wire.given));
  check(sent.sound, "the upstream is sent requests, and nothing else");
  for (const Message& message : sent.messages) {
    check_sent_head(message);
    const bool of_a_client = std::ranges::any_of(
        asked, [&](const Message& request) { return may_become(request, message); });
    check(of_a_client, "no request is sent that no client made, and none whole that was cut");
  }
}

/// Nothing hindered the request's bytes from going out.
bool unhindered(const Wire& wire) {
  return wire.given.empty() && !wire.ended && !wire.broken && !wire.closed && !wire.faults &&
         wire.stream.unlimited();
}

/// An upstream that only listens has been sent all that came of a request, also of one tried again.
void check_sent_whole(const Wire& wire, const std::vector<Message>& asked) {
  if (!unhindered(wire)) return;
  const Transcript sent = requests_in(wire.stream.written(), /*tunnel=*/false);
  if (sent.messages.empty() || lines_of(sent.messages.back().head, "expect") > 0) return;
  const Message& last = sent.messages.back();
  const bool came_whole = std::ranges::all_of(
      asked, [&](const Message& request) { return request.whole || !may_become(request, last); });
  check(last.whole || !came_whole, "a request that came whole is sent whole");
}

/// No connection with more on it than the answers to its requests is asked again.
class Reuse {
 public:
  /// After each event: until the next, an upstream says no more.
  void look(const World& world) {
    requests_.resize(world.upstreams().size());
    for (std::size_t i = 0; i < requests_.size(); ++i) look(*world.upstreams()[i], requests_[i]);
  }

 private:
  static void look(const Wire& wire, std::size_t& seen) {
    const Transcript sent = requests_in(wire.stream.written(), switched(wire.given));
    const std::size_t count = sent.messages.size();
    const std::size_t before = std::exchange(seen, count);
    if (count == before || count < 2) return;
    check(count <= std::max<std::size_t>(before, 1) + 1, "what came unasked is nobody's answer");
    const Transcript heard = responses_in(wire.given, sent.messages, /*ended=*/false);
    check(heard.sound && heard.messages.size() == count - 1 && heard.messages.back().whole,
          "a connection is asked again once it is quiet");
  }

  std::vector<std::size_t> requests_;  // of each upstream's connection
};

/// Returns what upstreams answered to the end.
std::vector<Message> answers(const World& world) {
  std::vector<Message> all;
  for (const auto& wire : world.upstreams()) {
    const Transcript sent = requests_in(wire->stream.written(), switched(wire->given));
    const Transcript heard =
        responses_in(wire->given, sent.messages, wire->ended && !wire->struck());
    std::ranges::copy_if(heard.messages, std::back_inserter(all),
                         [](const Message& message) { return message.whole; });
  }
  return all;
}

bool own_answer(const Message& message) {
  const bool preflight = message.status == 204 && lines_of(message.head, "vary") > 0;
  return preflight || message.head.find("\r\nProxy-Status: bearer-proxy;") != std::string::npos;
}

void check_client(Wire& wire, const std::vector<Message>& answered, bool bodies_change) {
  const std::string& written = wire.stream.written();
  const Transcript asked = requests_in(wire.given, switched(written));
  const bool ended = !wire.stream.breaks_on_close() && !wire.broken && !wire.struck();
  const Transcript heard = responses_in(written, asked.messages, ended);
  check(heard.sound, "a client hears responses, and nothing else");
  check(heard.messages.size() <= asked.messages.size() + 1, "no answer without a request");
  for (const Message& message : heard.messages) {
    check_plain_lines(message.head);
    if (!message.whole || message.status == 101 || own_answer(message)) continue;
    const bool given = std::ranges::any_of(answered, [&](const Message& answer) {
      return answer.status == message.status && (bodies_change || answer.body == message.body);
    });
    check(given, "an answer that looks whole is one that an upstream gave whole");
  }
}

/// Nothing that was let out may hold a token, unless an upstream told it.
void check_secrecy(std::string_view script, const World& world) {
  for (const std::string_view token : World::kTokens) {
    if (script.find(token) != std::string_view::npos) continue;
    for (const auto& wire : world.clients()) {
      check(wire->stream.written().find(token) == std::string::npos, "no client sees a token");
    }
  }
}

void run(std::string_view bytes) {
  const std::vector<Event> events = read_script(bytes);
  Wires wires;
  {
    World world;
    Reuse reuse;
    for (const Event& event : events) {
      world.play(event);
      reuse.look(world);
    }
    for (const auto& wire : world.upstreams()) check_sent_whole(*wire, asked_by_clients(world));
    check(world.outlast_clients(), "no client hangs for ever");
    const std::vector<Message> asked = asked_by_clients(world);
    for (const auto& wire : world.upstreams()) check_upstream(*wire, asked);
    const std::vector<Message> answered = answers(world);
    const bool links = bytes.find("links") != std::string_view::npos;
    for (const auto& wire : world.clients()) check_client(*wire, answered, links);
    check_secrecy(bytes, world);
    wires = world.clients();
    wires.insert(wires.end(), world.upstreams().begin(), world.upstreams().end());
  }
  check(std::ranges::all_of(wires, [](const auto& wire) { return wire->closed; }),
        "every connection is closed in the end");
}

const Registration registration("exchange", run);

}  // namespace
}  // namespace bearer::fuzz
