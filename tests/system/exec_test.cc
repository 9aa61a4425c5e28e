// `exec`: a program beside a proxy of its own, as if the proxy were not there.
#include <doctest/doctest.h>
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <filesystem>
#include <sstream>

#include "tests/support/eventually.h"
#include "tests/support/said.h"
#include "tests/support/stranger.h"
#include "tests/support/temporary_directory.h"
#include "tests/system/curl.h"
#include "tests/system/proxy.h"
#include "tests/system/upstream.h"

using namespace bearer::test;
using Json = nlohmann::json;

namespace {

/// A shell looks for signals between its commands: one that comes just before a `read` would wait
/// with it.
const std::string kAwaitTraps = "while :; do sleep 0.05; done";

/// `exec` of a program, on the sandbox.
Strings exec_of(const Sandbox& sandbox, const Strings& program, const Strings& flags = {}) {
  return proxy_command(Strings{"exec", "--upstream", sandbox.url()} + credential_of(sandbox) +
                       flags + Strings{"--"} + program);
}

Strings shell(const std::string& script) {
  return {"sh", "-c", script};
}

Finished run_exec(const Sandbox& sandbox, const Strings& program, const Strings& flags = {}) {
  return run(exec_of(sandbox, program, flags), kSandboxSecret);
}

/// A pipe that takes nothing more, and that nobody reads.
struct FullPipe {
  FullPipe() {
    std::array<int, 2> ends{};
    REQUIRE(pipe2(ends.data(), O_CLOEXEC | O_NONBLOCK) == 0);
    reader.reset(ends[0]);
    writer.reset(ends[1]);
    const std::array<char, 4096> filling{};
    while (::write(writer.get(), filling.data(), filling.size()) > 0) {
    }
    REQUIRE(fcntl(writer.get(), F_SETFL, 0) == 0);  // who writes waits
  }
  Descriptor reader, writer;
};

bool is_gone(pid_t pid) {
  return kill(pid, 0) != 0 && errno == ESRCH;
}

}  // namespace

TEST_CASE("exec tells where its admin port is, on stderr and to the job") {
  const Sandbox sandbox;
  const Finished finished =
      run_exec(sandbox,
               shell("curl -s \"$BEARER_PROXY_ADMIN_URL/readyz\" >/dev/null && "
                     "echo \"$BEARER_PROXY_ADMIN_URL\""),
               {"--admin", "127.0.0.1:0"});
  CHECK(finished.status == 0);
  CHECK(finished.out.starts_with("http://127.0.0.1:"));
  CHECK(says(finished.err, "bearer-proxy: admin on " + finished.out));
  const Finished without = run_exec(sandbox, shell("echo \"${BEARER_PROXY_ADMIN_URL-none}\""));
  CHECK(without.out == "none\n");
  CHECK_FALSE(says(without.err, "admin on"));
}

TEST_CASE("exec gives its program the proxy's address, under each name that is asked for") {
  const Sandbox sandbox;
  const Finished finished =
      run_exec(sandbox, shell("echo $BEARER_PROXY_URL $API $OTHER; curl -s $API/api/v2/users"),
               {"--env", "API", "--env", "OTHER"});
  CHECK(finished.status == 0);
  std::istringstream out(finished.out);
  std::string url, api, other, body;
  out >> url >> api >> other;
  std::getline(out >> std::ws, body);
  CHECK(url.starts_with("http://127.0.0.1:"));
  CHECK(api == url);
  CHECK(other == url);
  CHECK(nlohmann::json::parse(body).contains("entities"));
}

TEST_CASE("exec has no words of its own on stdout, and one line on stderr") {
  const Sandbox sandbox;
  // exec would warn of more connections where the limit on descriptors is low.
  const Finished finished =
      run_exec(sandbox, shell("echo out; echo err >&2"), {"--max-connections", "100"});
  CHECK(finished.out == "out\n");
  CHECK(finished.err ==
        "err\nbearer-proxy: 0 requests, 0 retries, 0 replays after a 401, 0 ms waited, 1 token "
        "fetched\n");
}

TEST_CASE("exec sums up what its program was spared") {
  const Sandbox sandbox;
  Program job(exec_of(sandbox,
                      shell("curl -s $BEARER_PROXY_URL/api/v2/users >/dev/null; echo; read line; "
                            "curl -s $BEARER_PROXY_URL/api/v2/users >/dev/null; "
                            "curl -s $BEARER_PROXY_URL/status/503 >/dev/null"),
                      {"--backoff-base", "1ms", "--max-retries", "2"}),
              kSandboxSecret);
  job.read_line();
  sandbox.revoke();
  job.write("\n");
  CHECK(job.wait() == 0);
  CHECK(says(job.errors(),
             "bearer-proxy: 3 requests, 1 of them failed, 2 retries, 1 replay after a 401, "));
  CHECK(says(job.errors(), ", 2 tokens fetched\n"));
}

TEST_CASE("exec passes its program's streams through") {
  const Sandbox sandbox;
  Program job(exec_of(sandbox, {"cat"}), kSandboxSecret);
  job.write("a line\n");
  CHECK(job.read_line() == "a line");
  job.close_stdin();
  CHECK(job.wait() == 0);
}

TEST_CASE("exec ends as its program does") {
  const Sandbox sandbox;
  CHECK(run_exec(sandbox, {"true"}).status == 0);
  CHECK(run_exec(sandbox, shell("exit 7")).status == 7);
  CHECK(run_exec(sandbox, shell("kill -TERM $$")).status == 128 + SIGTERM);
  CHECK(run_exec(sandbox, shell("kill -KILL $$")).status == 128 + SIGKILL);
}

TEST_CASE("exec says when its program cannot be run, with a shell's statuses") {
  const Sandbox sandbox;
  const Finished absent = run_exec(sandbox, {"there-is-no-such-program"});
  CHECK(absent.status == 127);
  CHECK(says(absent.err, "cannot run there-is-no-such-program: there is no such program"));
  const TemporaryDirectory directory;
  const std::string script = directory.write("script", "#!/no/such/interpreter\n");
  std::filesystem::permissions(script, std::filesystem::perms::owner_all);
  const Finished orphan = run_exec(sandbox, {script});
  CHECK(orphan.status == 127);
  CHECK(
      says(orphan.err, "there is no interpreter /no/such/interpreter, which its first line names"));
  const Finished data = run_exec(sandbox, {"/etc/passwd"});
  CHECK(data.status == 126);
  CHECK(says(data.err, "cannot run /etc/passwd: Permission denied"));
}

TEST_CASE("without a token exec runs nothing, says why and ends with 3") {
  const Sandbox sandbox;
  const Finished refused =
      run(exec_of(sandbox, {"echo", "ran"}), {"BEARER_PROXY_CLIENT_SECRET=wrong"});
  CHECK(refused.status == 3);
  CHECK(refused.out == "");
  CHECK(says(refused.err, "the command was not run: no token for credential default: "));
  CHECK(says(refused.err, "401 invalid_client"));

  Upstream silent;
  const Finished unanswered =
      run(proxy_command({"exec", "--upstream", sandbox.url(), "--token-url", silent.origin(),
                         "--client-id", "a", "--token-wait", "50ms", "--", "echo", "ran"}),
          kSandboxSecret);
  CHECK(unanswered.status == 3);
  CHECK(unanswered.out == "");
  CHECK(says(unanswered.err, "the command was not run: no token for credential default: "));
}

TEST_CASE(
    "exec waits for a client that is not allowed its grant yet, as long as a try is to come") {
  const Json refusal = {{"status", 400}, {"body", R"({"error":"unauthorized_client"})"}};
  {
    const Sandbox sandbox;
    sandbox.script_tokens(Json::array({refusal}));
    const Finished allowed = run_exec(sandbox, {"echo", "ran"}, {"--token-wait", "100s"});
    CHECK(allowed.status == 0);
    CHECK(allowed.out == "ran\n");
  }
  const Sandbox sandbox;
  sandbox.script_tokens(Json::array({refusal}));  // the next try would come in 5 s, and be too late
  const Finished refused = run_exec(sandbox, {"echo", "ran"}, {"--token-wait", "4900ms"});
  CHECK(refused.status == 3);
  CHECK(refused.out == "");
  CHECK(says(refused.err, "400 unauthorized_client: allow this client the grant"));
  sandbox.script_tokens({{{"status", 401}, {"body", R"({"error":"invalid_client"})"}}});
  CHECK(run_exec(sandbox, {"echo", "ran"}, {"--token-wait", "100s"}).status == 3);
}

TEST_CASE("of several credentials exec names those that are refused, not those that are awaited") {
  const Sandbox sandbox;
  const Upstream silent;
  const TemporaryDirectory directory;
  const Json config = {
      {"upstream", sandbox.url()},
      {"client_id", "sandbox"},
      {"credentials",
       {{"bad", {{"token_url", sandbox.url("/oauth/token")}}},
        {"slow", {{"token_url", silent.origin()}}}}},
      {"routes", {{{"path", "/b"}, {"credential", "bad"}}, {{"credential", "slow"}}}}};
  const Finished refused =
      run(proxy_command({"exec", "--config", directory.write("config.json", config.dump()), "--",
                         "echo", "ran"}),
          {"BEARER_PROXY_CLIENT_SECRET=wrong"});
  CHECK(refused.status == 3);
  CHECK(says(refused.err, "no token for credential bad: "));
  CHECK_FALSE(says(refused.err, "no token for credential slow"));
}

TEST_CASE("a signal while exec waits for a token ends it, and nothing is run") {
  const Sandbox sandbox;
  Upstream silent;
  Program job(proxy_command({"exec", "--upstream", sandbox.url(), "--token-url", silent.origin(),
                             "--client-id", "a", "--token-wait", "1h", "--", "echo", "ran"}),
              kSandboxSecret);
  const RawSocket asked = silent.take_request();
  job.signal(SIGTERM);
  CHECK(job.wait() == 128 + SIGTERM);
  CHECK(job.read_rest() == "");
}

TEST_CASE("exec ends as its program does also where nobody reads what it says on stderr") {
  const Sandbox sandbox;
  const FullPipe full;
  for (const auto& [program, status] :
       {std::pair(shell("exit 7"), 7), std::pair(Strings{"there-is-no-such-program"}, 127)}) {
    const Strings to_full_pipe = shell("exec \"$@\" 2>&3") + Strings{"sh"};
    Program job(to_full_pipe + exec_of(sandbox, program), kSandboxSecret, {full.writer.get()});
    CHECK(job.wait() == status);
  }
}

TEST_CASE("exec keeps the secret from its program") {
  const Sandbox sandbox;
  const Finished finished =
      run(exec_of(sandbox, {"env"}), kSandboxSecret + Strings{"BEARER_PROXY_THREADS=2"});
  CHECK(finished.status == 0);
  CHECK_FALSE(says(finished.out, "CLIENT_SECRET"));
  CHECK_FALSE(says(finished.out, "sandbox-secret"));
  CHECK(says(finished.out, "BEARER_PROXY_THREADS=2"));
}

TEST_CASE("exec's program finds descriptors, signals and limits as without us") {
  const Sandbox sandbox;
  // Only the first 32 signals count: those above are real-time ones, two of them the C library's.
  const std::string look =
      "for f in /proc/self/fd/*; do basename $f; done; grep -E 'Sig(Blk|Ign|Cgt)' "
      "/proc/self/status | sed 's/........\\(........\\)$/\\1/'; ulimit -Sn; ulimit -Hn; ulimit "
      "-Sc; ulimit -Hc";
  // This parent has lowered some limits, and has SIGHUP ignored.
  const std::string parent = "ulimit -Sn 100; ulimit -Sc 0; trap '' HUP; exec \"$@\" ";
  for (const char* streams : {"", "<&-", "2>&-", "<&- 2>&-"}) {
    CAPTURE(streams);
    const Strings in_parent = shell(parent + streams) + Strings{"sh"};
    const Finished without = run(in_parent + shell(look));
    const Finished with = run(in_parent + exec_of(sandbox, shell(look)), kSandboxSecret);
    CHECK(with.status == 0);
    CHECK(with.out == without.out);
  }
}

TEST_CASE("exec knows its program's status also where its own parent ignores SIGCHLD") {
  const Sandbox sandbox;
  const Strings parent = shell("trap '' CHLD; exec \"$@\"") + Strings{"sh"};
  CHECK(run(parent + exec_of(sandbox, shell("exit 9")), kSandboxSecret).status == 9);
}

TEST_CASE("exec passes signals on") {
  const Sandbox sandbox;
  for (const auto& [number, name] :
       {std::pair(SIGTERM, "TERM"), std::pair(SIGINT, "INT"), std::pair(SIGHUP, "HUP"),
        std::pair(SIGQUIT, "QUIT"), std::pair(SIGUSR1, "USR1"), std::pair(SIGUSR2, "USR2"),
        std::pair(SIGALRM, "ALRM")}) {
    CAPTURE(name);
    Program job(exec_of(sandbox, shell(std::string("trap 'echo got; exit 5' ") + name +
                                       "; echo ready; " + kAwaitTraps)),
                kSandboxSecret);
    REQUIRE(job.read_line() == "ready");
    job.signal(number);
    CHECK(job.read_line() == "got");
    CHECK(job.wait() == 5);
  }
}

TEST_CASE("a terminal's Ctrl-C reaches exec's program once") {
  const Sandbox sandbox;
  // The proxy sleeps until the terminal's INT has been handled: one more from it would be seen, and
  // the USR1 that comes by way of it would be behind that.
  const std::string script =
      "trap 'echo INT; kill -USR1 $PPID; kill -CONT $PPID' INT; trap 'echo USR1; exit 4' USR1; "
      "kill -STOP $PPID; echo ready; " +
      kAwaitTraps;
  std::string quoted;
  for (const std::string& word : exec_of(sandbox, shell(script))) {
    std::string plain = word;
    for (std::size_t at = 0; (at = plain.find('\'', at)) != std::string::npos; at += 4) {
      plain.replace(at, 1, "'\\''");
    }
    quoted += "'" + plain + "' ";
  }
  // The terminal's shell is hit by the INT too, and must not see its child sleep.
  Program terminal({"script", "-qefc", "trap : INT; " + quoted + "; exit $?", "/dev/null"},
                   kSandboxSecret);
  const auto line = [&] {
    std::string text = terminal.read_line();
    while (text.ends_with('\r')) text.pop_back();
    return text;
  };
  REQUIRE(line() == "ready");
  terminal.write("\x03");
  std::string out = line();
  for (std::string next = line(); !next.empty(); next = line()) out += "\n" + next;
  CHECK(terminal.wait() == 4);
  CHECK(std::ranges::count(out, 'I') == 1);
  CHECK(says(out, "USR1"));
}

TEST_CASE("exec's program does not outlive a killed proxy") {
  const Sandbox sandbox;
  Program job(exec_of(sandbox, shell("echo $$; exec sleep 1000")), kSandboxSecret);
  const Stranger program(std::stoi(job.read_line()));
  job.signal(SIGKILL);
  CHECK(program.await_end());
  CHECK(job.wait() == 128 + SIGKILL);
}

TEST_CASE("exec does not outlive its killed program, nor does what that left running") {
  const Sandbox sandbox;
  Program job(exec_of(sandbox, shell("sleep 1000 & echo $! $$; wait")), kSandboxSecret);
  std::istringstream pids(job.read_line());
  pid_t left = 0, program = 0;
  REQUIRE(bool(pids >> left >> program));
  kill(program, SIGKILL);
  CHECK(job.wait() == 128 + SIGKILL);
  CHECK(is_gone(left));
}

TEST_CASE("what exec's program leaves running is ended with it, also in a session of its own") {
  const Sandbox sandbox;
  const Finished finished = run_exec(
      sandbox,
      shell("sleep 1000 >&- 2>&- & echo $!; setsid sleep 1000 >&- 2>&- & echo $!; exit 3"));
  CHECK(finished.status == 3);
  std::istringstream pids(finished.out);
  int printed = 0;
  for (pid_t pid = 0; pids >> pid; ++printed) CHECK(is_gone(pid));
  CHECK(printed == 2);
}

TEST_CASE("a daemon that ends while exec's program runs is not left a zombie") {
  const Sandbox sandbox;
  // Each is left by its parent in a session of its own, and ends when it is told to.
  Program job(exec_of(sandbox, shell("for i in 1 2 3; do setsid sh -c 'sleep 1000 >&- 2>&- & "
                                     "echo $!'; done; read line; exit 6")),
              kSandboxSecret);
  for (int i = 0; i < 3; ++i) {
    const Stranger daemon(std::stoi(job.read_line()));
    CHECK(kill(daemon.pid(), SIGKILL) == 0);
    CHECK(daemon.await_end());                                 // a zombie has ended too
    CHECK(eventually([&] { return is_gone(daemon.pid()); }));  // once somebody has reaped it
  }
  job.write("\n");
  CHECK(job.wait() == 6);
}

TEST_CASE("exec leaves a token command's status to whoever waits for it") {
  const Sandbox sandbox;
  Program job(proxy_command({"exec", "--upstream", sandbox.url(), "--token-wait", "1h",
                             "--token-command", "sh -c 'echo a-token; exit 5'", "--", "true"}),
              {kNoAdminPort});
  job.await_error("ended with status 5");
  job.signal(SIGTERM);
  CHECK(job.wait() == 128 + SIGTERM);
}

TEST_CASE("many execs run at a time") {
  const Sandbox sandbox;
  std::vector<std::unique_ptr<Program>> jobs;
  for (int i = 0; i < 5; ++i) {
    jobs.push_back(std::make_unique<Program>(
        exec_of(sandbox, shell("echo $BEARER_PROXY_URL; read line")), kSandboxSecret));
  }
  Strings urls;
  for (const auto& job : jobs) urls.push_back(job->read_line());
  for (const std::string& url : urls) CHECK(curl({url + "/api/v2/users"}).status == 200);
  for (const auto& job : jobs) {
    job->write("\n");
    CHECK(job->wait() == 0);
  }
}
