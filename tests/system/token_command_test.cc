// A token command that misbehaves, run by the real program.
#include <doctest/doctest.h>

#include <signal.h>
#include <sys/stat.h>

#include <fstream>
#include <string>
#include <utility>

#include "tests/support/eventually.h"
#include "tests/support/said.h"
#include "tests/support/stranger.h"
#include "tests/support/temporary_directory.h"
#include "tests/system/curl.h"
#include "tests/system/proxy.h"

using namespace bearer::test;

namespace {

constexpr const char* kHush = "hush-hush";

/// A proxy whose token command is this shell script. The upstream is never reached: there is no
/// token.
Proxy with_command(const TemporaryDirectory& directory, const std::string& script,
                   const Strings& flags = {}) {
  return Proxy(Strings{"--upstream", "https://api.invalid", "--token-command",
                       "sh " + directory.write("script", script)} +
                   flags,
               {kNoAdminPort, std::string("HUSH=") + kHush});
}

/// What a request gets; it names the token as the trouble.
void check_unavailable(const Proxy& proxy, const std::string& why) {
  const Reply reply = curl({proxy.url("/")});
  CHECK(reply.status == 503);
  CHECK(reply.field("Proxy-Status").find("credential_unavailable") != std::string::npos);
  CHECK(says(reply.body, why));
}

/// Ends it; its whole log holds nothing of what the command printed.
void check_silent(Proxy& proxy) {
  const std::string log = proxy.end();
  CHECK((log.find(kHush) == std::string::npos));
}

/// Prints half a token, says two lines on standard error, and hangs with a child of its own.
std::string hanging(const std::string& pid_file) {
  return "printf $HUSH; sleep 1000 & echo $! >" + pid_file +
         "; echo 'asking the vault' >&2; echo 'the vault is slow' >&2; wait";
}

/// 0 where there is no such process.
pid_t parent_of(pid_t pid) {
  std::ifstream status("/proc/" + std::to_string(pid) + "/status");
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with("PPid:")) return std::stoi(line.substr(5));
  }
  return 0;
}

}  // namespace

TEST_CASE("a proxy that ends takes a hanging token command with it, and its whole group") {
  const TemporaryDirectory directory;
  const std::string pid_file = directory.path("pid");
  Proxy proxy = with_command(directory, hanging(pid_file));
  CHECK(says(proxy.program().await_error("the token command says"), "asking the vault"));
  CHECK(says(proxy.program().await_error("the token command says", 2), "the vault is slow"));
  check_silent(proxy);
  CHECK(Stranger(number_in(pid_file)).await_end());
}

TEST_CASE("what a token command leaves running is reaped where it comes to the proxy") {
  const TemporaryDirectory directory;
  const std::string pid_file = directory.path("pid");
  const std::string script = directory.write(
      "script", "setsid sh -c 'echo $$ >" + pid_file + "; exec sleep 1000' >&- 2>&- &\n" +
                    "while ! [ -s " + pid_file + " ]; do sleep .01; done; echo a-token");
  // As process 1 does, a subreaper gets the orphans; one stays so when it runs another program.
  const Strings as_subreaper = {"python3", "-c",
                                "import ctypes, os, sys; ctypes.CDLL(None).prctl(36, 1, 0, 0, 0); "
                                "os.execv(sys.argv[1], sys.argv[1:])"};
  Program proxy(
      as_subreaper + proxy_command({"--listen", "127.0.0.1:0", "--upstream", "https://api.invalid",
                                    "--token-command", "sh " + script}),
      {kNoAdminPort});
  REQUIRE(says(proxy.read_line(), "listening on "));
  REQUIRE(eventually([&] { return std::ifstream(pid_file).peek() != EOF; }));
  const pid_t left = number_in(pid_file);
  // Until its parent has ended it is no orphan, and nobody's to reap but that one's.
  REQUIRE(eventually([&] { return parent_of(left) == proxy.pid(); }));
  CHECK(kill(left, SIGKILL) == 0);
  CHECK(eventually([&] { return kill(left, 0) != 0; }));  // a zombie is there still
  proxy.signal(SIGTERM);
  CHECK(proxy.wait() == 0);
}

TEST_CASE("a signal that ends token or check ends the token command too, and its whole group") {
  const TemporaryDirectory directory;
  const std::string pid_file = directory.path("pid");
  const std::string script = directory.write("script", hanging(pid_file));
  for (const auto& [command, number] :
       {std::pair("token", SIGTERM), std::pair("token", SIGINT), std::pair("check", SIGHUP),
        std::pair("check", SIGQUIT), std::pair("token", SIGUSR1), std::pair("check", SIGALRM)}) {
    CAPTURE(command);
    CAPTURE(number);
    Program program(proxy_command({command, "--upstream", "https://api.invalid", "--token-command",
                                   "sh " + script}),
                    {kNoAdminPort, std::string("HUSH=") + kHush});
    program.await_error("the vault is slow");
    program.signal(number);
    CHECK(program.wait() == 128 + number);
    CHECK(Stranger(number_in(pid_file)).await_end());
    CHECK((program.errors().find(kHush) == std::string::npos));
  }
}

TEST_CASE("a token command that has left its process group ends with the program all the same") {
  const TemporaryDirectory directory;
  const std::string script = directory.write(
      "script",
      "exec python3 -c 'import os, sys, time; os.setpgid(0, os.getpgid(os.getppid())); "
      "print(os.getpid(), file=open(sys.argv[1], \"w\")); print(\"it left\", file=sys.stderr); "
      "time.sleep(1000)' " +
          directory.path("pid"));
  Program program(proxy_command({"token", "--upstream", "https://api.invalid", "--token-command",
                                 "sh " + script}),
                  {kNoAdminPort});
  program.await_error("it left");
  program.signal(SIGTERM);
  CHECK(program.wait() == 128 + SIGTERM);
  CHECK(Stranger(number_in(directory.path("pid"))).await_end());
}

TEST_CASE("a signal that token is to ignore does not end its command") {
  const TemporaryDirectory directory;
  const std::string fifo = directory.path("fifo");
  REQUIRE(mkfifo(fifo.c_str(), 0600) == 0);
  const std::string script = directory.write(
      "script", "echo 'asking the vault' >&2; read token <" + fifo + "; echo $token");
  Program program(Strings{"sh", "-c", "trap '' HUP; exec \"$@\"", "sh"} +
                      proxy_command({"token", "--upstream", "https://api.invalid",
                                     "--token-command", "sh " + script}),
                  {kNoAdminPort});
  program.await_error("asking the vault");
  program.signal(SIGHUP);
  std::ofstream(fifo) << "tok\n";
  CHECK(program.read_rest() == "tok\n");
  CHECK(program.wait() == 0);
}

TEST_CASE("exec: a hanging token command costs the wait for a token, and leaves nothing behind") {
  const TemporaryDirectory directory;
  const std::string pid_file = directory.path("pid");
  const std::string script = directory.write("script", hanging(pid_file));
  const Finished finished =
      run(proxy_command({"exec", "--upstream", "https://api.invalid", "--token-command",
                         "sh " + script, "--token-wait", "5s", "--", "echo", "it runs"}),
          {std::string("HUSH=") + kHush});
  CHECK(finished.status == 3);
  CHECK(finished.out == "");
  CHECK(says(finished.err, "the command was not run: no token for credential default: "));
  CHECK(says(finished.err, "the command sh was asked for a token"));
  CHECK((finished.err.find(kHush) == std::string::npos));
  const pid_t left = number_in(pid_file);  // none of a shell that came too late
  CHECK((left == 0 || Stranger(left).await_end()));
}

TEST_CASE("the end of a token is read in the words of the program that prints it") {
  const TemporaryDirectory directory;
  const auto check = [&](const std::string& printed) {
    return run(proxy_command({"check", "--upstream", "http://127.0.0.1:1", "--token-command",
                              "cat " + directory.write("printed", printed)}),
               {kNoAdminPort});
  };
  for (const char* printed :
       {R"({"Token":"tok","ExpiresOn":"2199-01-01T00:00:00+00:00","Type":"Bearer"})",
        R"({"access_token":"tok","expiry":"2199-01-01T01:00:00.25+01:00"})",
        R"({"token":"tok","expires":7022851200})"}) {
    CAPTURE(printed);
    CHECK(says(check(printed).out, "valid for 3652 d"));  // ten years, the most
  }
  const Finished other = check(R"({"name":"hush-hush"})");
  CHECK(says(other.out + other.err, "or set token_member where the token has another name"));
  CHECK((other.out + other.err).find(kHush) == std::string::npos);
}

TEST_CASE("a token command that prints without an end is ended, and what it printed is not shown") {
  const TemporaryDirectory directory;
  const std::string pid_file = directory.path("pid");
  Proxy proxy =
      with_command(directory, "echo $$ >" + pid_file + "; echo 'here it comes' >&2; exec yes $HUSH",
                   {"--token-wait", "100ms"});
  const std::string line = proxy.program().await_error("no token could be fetched");
  CHECK(says(line, "the token command sh printed more than 64 KiB"));
  CHECK(says(line, "check token_command"));
  CHECK(says(proxy.program().errors(), "here it comes"));
  CHECK(Stranger(number_in(pid_file)).await_end());
  check_unavailable(proxy, "printed more than 64 KiB");
  check_silent(proxy);
}

TEST_CASE("a token command that dies by a signal is told by its number, and is run again") {
  const TemporaryDirectory directory;
  const std::string flag = directory.path("ran");
  Proxy proxy =
      with_command(directory, "if [ -e " + flag + " ]; then echo tok; exit; fi; echo >" + flag +
                                  "; echo $HUSH; echo 'out of luck' >&2; kill -SEGV $$");
  const std::string line = proxy.program().await_error("no token could be fetched");
  CHECK(says(line, "the token command sh was ended by signal " + std::to_string(SIGSEGV)));
  CHECK(says(proxy.program().errors(), "out of luck"));
  proxy.program().await_error("token fetched");
  check_silent(proxy);
}

TEST_CASE("a token command finds the limits that its proxy was started with") {
  const TemporaryDirectory directory;
  const std::string script =
      directory.write("script", "echo \"limits $(ulimit -Sn) $(ulimit -Sc)\" >&2");
  const std::string parent = "ulimit -Sn 700; ulimit -Sc $(ulimit -Hc); exec \"$@\"";
  const Strings in_parent = {"sh", "-c", parent, "sh"};
  std::string without = run(in_parent + Strings{"sh", script}).err;
  REQUIRE(without.starts_with("limits 700 "));
  without.pop_back();              // the line's end
#if defined(__SANITIZE_ADDRESS__)  // whose runtime forbids core files before main() begins
  without.resize(without.rfind(' '));
#endif
  Program proxy(
      in_parent + proxy_command({"--listen", "127.0.0.1:0", "--upstream", "https://api.invalid",
                                 "--token-command", "sh " + script}),
      {kNoAdminPort});
  CHECK(says(proxy.await_error("the token command says"), without));
}
