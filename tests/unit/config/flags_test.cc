#include "config/flags.h"

#include <doctest/doctest.h>

#include "tests/unit/config/configuring.h"

using namespace bearer::config;

TEST_CASE("a command may stand before or behind the settings") {
  for (const std::vector<std::string>& arguments :
       {std::vector<std::string>{"token", "--scope", "a"}, {"--scope", "a", "token"}}) {
    ConfigErrors problems;
    const Flags flags = parse_flags(arguments, problems);
    CHECK(problems.none());
    CHECK(flags.command == "token");
    CHECK(flags.values.at("scope").texts == std::vector<std::string>{"a"});
    CHECK(flags.values.at("scope").source == "--scope");
  }
}

TEST_CASE("a flag's value follows it, or an equals sign") {
  ConfigErrors problems;
  const Flags flags = parse_flags({"--scope=a=b", "--audience", "--odd", "--listen", "[::1]:1",
                                   "--listen=b:2", "--insecure-http"},
                                  problems);
  CHECK(problems.none());
  CHECK(flags.command == "");
  CHECK(flags.values.at("scope").texts == std::vector<std::string>{"a=b"});
  CHECK(flags.values.at("audience").texts == std::vector<std::string>{"--odd"});
  CHECK(flags.values.at("listen").texts == std::vector<std::string>{"[::1]:1", "b:2"});
  CHECK(flags.values.at("insecure-http").texts == std::vector<std::string>{"true"});
}

TEST_CASE("a switch takes on, off or a word of its own, and nothing else") {
  ConfigErrors problems;
  const Flags flags = parse_flags({"--rewrite-body-links", "all", "--resume-downloads", "off",
                                   "--insecure-http", "--allow-remote", "token"},
                                  problems);
  CHECK(problems.none());
  CHECK(flags.command == "token");
  CHECK(flags.values.at("rewrite-body-links").texts == std::vector<std::string>{"all"});
  CHECK(flags.values.at("resume-downloads").texts == std::vector<std::string>{"off"});
  CHECK(flags.values.at("insecure-http").texts == std::vector<std::string>{"true"});
  ConfigErrors stray;
  parse_flags({"--insecure-http", "all"}, stray);  // no word of that one
  CHECK_FALSE(stray.none());
}

TEST_CASE("who and a password in a URL's argument are refused, and where they belong is said") {
  const auto errors = [](const std::vector<std::string>& arguments) {
    ConfigErrors problems;
    parse_flags(arguments, problems);
    try {
      problems.throw_if_any();
    } catch (const ConfigError& error) {
      return std::string(error.what());
    }
    return std::string();
  };
  const std::string proxy =
      "egress_proxy = *** (from --egress-proxy): it holds a user or a password, and others can "
      "read a process's arguments: give it with BEARER_PROXY_EGRESS_PROXY or the config key "
      "egress_proxy";
  CHECK(errors({"--egress-proxy", "http://user:hush@host"}) == proxy);
  CHECK(errors({"token", "--egress-proxy=user:hush@host:3128"}) == proxy);
  CHECK(errors({"exec", "--egress-proxy", "http://hush@host/", "--", "true"}) == proxy);
  const std::string store =
      "token_store = *** (from --token-store): it holds a user or a password, and others can read "
      "a process's arguments: give it with BEARER_PROXY_TOKEN_STORE or the config key token_store";
  CHECK(errors({"--token-store", "redis://:hu/sh@host"}) == store);
  CHECK(errors({"check", "--token-store=rediss://user:hush@host/1"}) == store);
  for (const char* fine : {"--egress-proxy=http://host:3128", "--token-store=redis://host",
                           "--token-store=file:/run/user@1000.service/token"}) {
    CAPTURE(fine);
    CHECK(errors({fine}) == "");
  }
}

TEST_CASE("what is no flag is named, with the nearest one that is") {
  struct Case {
    std::vector<std::string> arguments;
    std::string_view error;
  };
  const Case cases[] = {
      {{"--lisen", "x"}, "unknown flag --lisen; did you mean --listen?"},
      {{"--lisen=x"}, "unknown flag --lisen; did you mean --listen?"},
      {{"token", "--hlp"}, "unknown flag --hlp; did you mean --help?"},
      {{"--zzz"}, "unknown flag --zzz"},
      {{"--url-token", "x"}, "unknown flag --url-token; did you mean --token-url?"},
      {{"--retries=3"}, "unknown flag --retries; did you mean --max-retries?"},
      {{"--token_url", "x"}, "unknown flag --token_url; did you mean --token-url?"},
      {{"check", "api.json"},
       "an argument is neither a command nor a flag's value; flags begin with --; did you mean "
       "--config FILE?"},
      {{"-x"}, "unknown flag -x"},
      {{"tokn"}, "unknown command tokn; did you mean token?"},
      {{"deploy"}, "unknown command deploy"},
      {{"token", "x"}, "an argument is neither a command nor a flag's value; flags begin with --"},
      {{"--scope"}, "--scope needs a value"},
      {{"--scope=", "--listen", "x:1"}, "--scope= has an empty value"},
      {{"--scope", "a", "--scope", "b"}, "--scope is given twice"},
      {{"--client-secret", "x"},
       "--client-secret is not a flag: every user of this machine can read a process's arguments. "
       "Put the secret into a file and name it with --client-secret-file, or into the environment "
       "as BEARER_PROXY_CLIENT_SECRET"},
      {{"--client_secret=x"},
       "--client-secret is not a flag: every user of this machine can read a process's arguments. "
       "Put the secret into a file and name it with --client-secret-file, or into the environment "
       "as BEARER_PROXY_CLIENT_SECRET"},
      {{"--client-secret-env", "x"},
       "unknown flag --client-secret-env; did you mean --client-secret-file?"},
  };
  for (const Case& c : cases) {
    CAPTURE(c.error);
    CHECK(Configuring{.arguments = c.arguments}.errors() == c.error);
  }
}

TEST_CASE("what stands behind two dashes is the program that exec runs, whatever it looks like") {
  Configuring exec = complete_with({"exec", "--env", "API", "--env", "B", "--", "job", "--help"});
  exec.arguments.push_back("--");
  const Command command = exec.parse();
  CHECK(command.verb == Verb::exec);
  CHECK(command.execution.argv == std::vector<std::string>{"job", "--help", "--"});
  CHECK(command.execution.url_variables == std::vector<std::string>{"API", "B"});
}

TEST_CASE("a command line of exec that runs nothing says how it is written") {
  struct Case {
    std::vector<std::string> arguments;
    std::string_view error;
  };
  const Case cases[] = {
      {{"exec"}, "exec needs a command to run: bearer-proxy exec [settings] -- COMMAND [ARG...]"},
      {{"exec", "--"},
       "exec needs a command to run: bearer-proxy exec [settings] -- COMMAND [ARG...]"},
      {{"exec", "python3", "job.py"},
       "what is to be run stands behind two dashes: bearer-proxy exec [settings] -- COMMAND "
       "[ARG...]"},
      {{"exec", "curl", "-s", "http://a"},
       "what is to be run stands behind two dashes: bearer-proxy exec [settings] -- COMMAND "
       "[ARG...]"},
      {{"exec", "--scope", "a", "curl", "--zzz"},
       "what is to be run stands behind two dashes: bearer-proxy exec [settings] -- COMMAND "
       "[ARG...]"},
      {{"exec", "--zzz", "curl"}, "unknown flag --zzz"},
      {{"exec", "--evn", "API", "--", "job"}, "unknown flag --evn; did you mean --env?"},
      {{"serve", "--env", "API"}, "unknown flag --env"},
      {{"exec", "--env", "A-B", "--", "job"},
       "--env takes the name of an environment variable, such as API_URL; the proxy's URL becomes "
       "its value"},
      {{"serve", "--", "job"},
       "nothing may stand behind -- here; `bearer-proxy exec` runs a command"},
  };
  for (const Case& c : cases) {
    CAPTURE(c.error);
    CHECK(Configuring{.arguments = c.arguments}.errors() == c.error);
  }
}

TEST_CASE("exec takes a free port, stays quiet and leaves stdout to its program") {
  const Settings settings = complete_with({"exec", "--", "job"}).settings();
  CHECK(settings.listen == std::vector<bearer::net::Address>{{"127.0.0.1", 0}});
  CHECK(settings.log.level == bearer::base::LogLevel::warning);
  const Settings written =
      complete_with({"exec", "--listen", "[::1]:81", "--log-level", "info", "--", "job"})
          .settings();
  CHECK(written.listen == std::vector<bearer::net::Address>{{"::1", 81}});
  CHECK(written.log.level == bearer::base::LogLevel::info);
  CHECK(complete_with({"exec", "--access-log", "-", "--", "job"}).errors() ==
        "access_log is \"-\", but exec leaves stdout to the command: name a file");
}

TEST_CASE("help and version are had whatever else is wrong") {
  CHECK(Configuring{.arguments = {"--help", "--zzz"}}.parse().verb == Verb::help);
  CHECK(Configuring{.arguments = {"-h"}}.parse().verb == Verb::help);
  CHECK(Configuring{.arguments = {"--version"}}.parse().verb == Verb::version);
  CHECK(Configuring{.arguments = {"-V"}}.parse().verb == Verb::version);
  CHECK(Configuring{.arguments = {"version"}}.parse().verb == Verb::version);
  CHECK(Configuring{.arguments = {"help"}}.parse().verb == Verb::help);
  CHECK(Configuring{.arguments = {"help", "exec"}}.parse().help.starts_with("bearer-proxy exec"));
  CHECK(Configuring{.arguments = {"help", "limits"}}.parse().help.starts_with("Limits:"));
  CHECK(complete_with({"help"}).errors().starts_with("an argument is neither a command"));
  CHECK(
      Configuring{.arguments = {"check", "--help"}}.parse().help.starts_with("bearer-proxy check"));
}

TEST_CASE("the command is what is done, serve if none is named") {
  CHECK(complete().parse().verb == Verb::serve);
  CHECK(complete_with({"serve"}).parse().verb == Verb::serve);
  CHECK(complete_with({"token"}).parse().verb == Verb::token);
  CHECK(complete_with({"check"}).parse().verb == Verb::check);
}
