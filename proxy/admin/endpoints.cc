#include "admin/endpoints.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <utility>

#include "admin/access_check.h"
#include "admin/status_page.h"
#include "base/log_line.h"
#include "base/metrics.h"
#include "base/text.h"

namespace bearer::admin {
namespace {

using http::Method;
using net::Task;

constexpr std::array<std::string_view, 7> kShown = {
    "/", "/healthz", "/readyz", "/metrics", "/status", "/status/history", "/status/requests"};
constexpr std::array<std::string_view, 3> kDone = {"/refresh", "/drain", "/quitquitquit"};

constexpr std::string_view kLogLevel = "/log-level";

// A loop that has not turned for this long serves nobody.
constexpr std::chrono::seconds kBeatMax{2};

bool one_of(std::span<const std::string_view> paths, std::string_view path) {
  return std::ranges::find(paths, path) != paths.end();
}

Reply not_allowed(std::string_view allowed) {
  Reply answer = problem(405, "this path is for " + std::string(allowed));
  answer.lines = "Allow: " + std::string(allowed) + "\r\n";
  return answer;
}

Reply json(std::string body) {
  return {.body = std::move(body)};
}

Reply not_turned() {
  return sentence(503, "an event loop has not turned for 2 s");
}

/// A request that waits for the event loops. Used on the admin port's own loop only.
template <typename Answer>
struct Waiting {
  net::Sleeper* sleeper;  ///< null once it no longer waits; the answer may come later
  std::optional<Answer> answer = {};
};

/// The event loops' answer to `ask`, which may pass it on from any thread; nullopt if it does not
/// come in time.
template <typename Answer, typename Ask>
Task<std::optional<Answer>> answer_of_loops(net::Sleeper& sleeper, Ask ask) {
  net::Loop& loop = sleeper.loop();
  const auto waiting = std::make_shared<Waiting<Answer>>(Waiting<Answer>{&sleeper});
  // The wait ends with this object, however its coroutine ends.
  struct End {
    Waiting<Answer>& waiting;
    ~End() { waiting.sleeper = nullptr; }
  } const end{*waiting};
  ask([&loop, waiting](Answer answer) {
    loop.post([waiting, answer = std::move(answer)] {
      waiting->answer = answer;
      if (waiting->sleeper) waiting->sleeper->wake();
    });
  });
  // Two halves: a standstill of the whole process, as of a frozen container, uses up one at most.
  for (int half = 0; half < 2 && !waiting->answer; ++half) {
    const base::Instant deadline = loop.now() + kBeatMax / 2;
    while (!waiting->answer && loop.now() < deadline) co_await sleeper.sleep(deadline);
  }
  co_return std::move(waiting->answer);
}

}  // namespace

Task<Reply> Endpoints::answer(Question question) {
  const http::RequestHead& head = question.head;
  const std::string_view path = path_asked(head);
  const bool level = path == kLogLevel;
  const bool changes = level || one_of(kDone, path);
  const Method changing = level ? Method::put : Method::post;
  // Another method changes nothing, whoever uses it, so that is said before all else.
  if (changes && head.method != changing) co_return not_allowed(level ? "PUT" : "POST");
  if (auto refusal = access_check(head, hosts_, question.came_in_at)) co_return *std::move(refusal);
  if (changes) {
    if (!question.from_this_machine) {
      co_return problem(403, "this is done for clients on the same machine only");
    }
    co_return level ? change_log_level(question.body) : change(path);
  }
  if (!one_of(kShown, path)) co_return problem(404, "GET / shows what there is");
  if (head.method != Method::get && head.method != Method::head) co_return not_allowed("GET, HEAD");
  if (path == "/healthz") co_return co_await health(question.sleeper);
  if (path == "/readyz") co_return ready();
  if (path == "/status") co_return json(hooks_.status());
  if (path == "/status/history") co_return json(history_.json());
  if (path == "/status/requests") co_return co_await requests(query_asked(head), question.sleeper);
  if (path == "/") co_return status_page();
  Reply metrics{.type = "text/plain; version=0.0.4; charset=utf-8",
                .body = base::exposition(hooks_.metrics())};
  co_return metrics;
}

Reply Endpoints::ready() const {
  const auto why = hooks_.unready();
  return why ? sentence(503, *why) : sentence(200, "ready");
}

Reply Endpoints::change(std::string_view path) {
  if (path == "/refresh") {
    hooks_.refresh();
    return sentence(202, "every token is fetched anew, each once in 3 s at most");
  }
  if (path == "/drain") {
    hooks_.drain();
    return sentence(202, "not ready from now on, but serving");
  }
  hooks_.quit();
  return sentence(202, "ending, once what is under way has come to its end");
}

Reply Endpoints::change_log_level(std::string_view word) {
  while (word.ends_with('\n') || word.ends_with('\r')) word.remove_suffix(1);  // a script's
  const auto level = base::parse_log_level(base::trim(word));
  if (!level) return problem(400, "the body is not one of debug, info, warn, error");
  hooks_.set_log_level(*level);
  return sentence(200, "log level " + std::string(base::name(*level)));
}

Task<Reply> Endpoints::health(net::Sleeper& sleeper) {
  struct Turned {};
  const std::optional<Turned> turned =
      co_await answer_of_loops<Turned>(sleeper, [this](std::function<void(Turned)> then) {
        hooks_.beat([then = std::move(then)] { then({}); });
      });
  if (!turned) co_return not_turned();
  co_return sentence(200, "ok");
}

Task<Reply> Endpoints::requests(std::string_view query, net::Sleeper& sleeper) {
  using Write = Hooks::WriteRequests;
  const std::optional<RequestFilter> filter = request_filter(query);
  if (!filter) {
    co_return problem(400,
                      "the query may hold route=PATH as /status names it, failed=1 and limit=N");
  }
  const std::optional<Write> write = co_await answer_of_loops<Write>(
      sleeper, [&](std::function<void(Write)> then) { hooks_.requests(*filter, std::move(then)); });
  if (!write) co_return not_turned();
  co_return json((*write)());
}

}  // namespace bearer::admin
