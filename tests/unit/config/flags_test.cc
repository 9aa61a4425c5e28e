#include "config/flags.h"

#include <doctest/doctest.h>

#include "tests/support/said.h"
#include "tests/unit/config/configuring.h"

using namespace bearer::config;
using bearer::test::says;

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
  for (const std::vector<std::string>& arguments :
       {std::vector<std::string>{"--egress-proxy", "http://user:hush@host"},
        {"token", "--egress-proxy=user:hush@host:3128"},
        {"exec", "--egress-proxy", "http://hush@host/", "--", "true"}}) {
    CHECK(errors(arguments).starts_with("egress_proxy = *** (from --egress-proxy)"));
    CHECK(says(errors(arguments), "BEARER_PROXY_EGRESS_PROXY"));
  }
  for (const std::vector<std::string>& arguments :
       {std::vector<std::string>{"--token-store", "redis://:hu/sh@host"},
        {"check", "--token-store=rediss://user:hush@host/1"}}) {
    CHECK(errors(arguments).starts_with("token_store = *** (from --token-store)"));
    CHECK(says(errors(arguments), "BEARER_PROXY_TOKEN_STORE"));
  }
  for (const char* fine : {"--egress-proxy=http://host:3128", "--token-store=redis://host",
                           "--token-store=file:/run/user@1000.service/token"}) {
    CAPTURE(fine);
    CHECK(errors({fine}) == "");
  }
}

TEST_CASE("what is no flag is named, with the nearest one that is") {
  struct Case {
    std::vector<std::string> arguments;
    std::string_view named, nearest = "";
  };
  const Case cases[] = {
      {{"--lisen", "x"}, "unknown flag --lisen", "--listen"},
      {{"--lisen=x"}, "unknown flag --lisen", "--listen"},
      {{"token", "--hlp"}, "unknown flag --hlp", "--help"},
      {{"--zzz"}, "unknown flag --zzz"},
      {{"--url-token", "x"}, "unknown flag --url-token", "--token-url"},
      {{"--retries=3"}, "unknown flag --retries", "--max-retries"},
      {{"--token_url", "x"}, "unknown flag --token_url", "--token-url"},
      {{"check", "api.json"}, "an argument ", "--config FILE"},
      {{"-x"}, "unknown flag -x"},
      {{"tokn"}, "unknown command tokn", "token"},
      {{"deploy"}, "unknown command deploy"},
      {{"token", "x"}, "an argument "},
      {{"--scope"}, "--scope "},
      {{"--scope=", "--listen", "x:1"}, "--scope= "},
      {{"--scope", "a", "--scope", "b"}, "--scope "},
      {{"--client-secret-env", "x"}, "unknown flag --client-secret-env", "--client-secret-file"},
  };
  for (const Case& c : cases) {
    const Configuring configuring{.arguments = c.arguments};
    CAPTURE(configuring.errors());
    CHECK(configuring.blames(c.named));
    const bool guessed(says(configuring.errors(), "did you mean "));
    CHECK(guessed == !c.nearest.empty());
    CHECK(says(configuring.errors(), c.nearest));
  }
}

TEST_CASE("a secret in an argument is refused, and where it belongs is said") {
  for (const std::vector<std::string>& arguments :
       {std::vector<std::string>{"--client-secret", "hush"},
        {"--client_secret=hush"},
        {"--clientSecret", "hush"},
        {"--clientsecret=hush"}}) {
    const Configuring configuring{.arguments = arguments};
    CHECK(configuring.blames("--client-secret "));
    CHECK(says(configuring.errors(), "--client-secret-file"));
    CHECK(says(configuring.errors(), "BEARER_PROXY_CLIENT_SECRET"));
  }
}

TEST_CASE("a second command is no command that was misspelled") {
  const Configuring again{.arguments = {"serve", "serve"}};
  CHECK(again.blames("a command is named already: serve; leave serve out"));
  const Configuring other{.arguments = {"check", "token"}};
  CHECK(other.blames("a command is named already: check; leave token out"));
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
  constexpr std::string_view kForm = "bearer-proxy exec [settings] -- COMMAND [ARG...]";
  const Case cases[] = {
      {{"exec"}, kForm},
      {{"exec", "--"}, kForm},
      {{"exec", "python3", "job.py"}, kForm},
      {{"exec", "curl", "-s", "http://a"}, kForm},
      {{"exec", "--scope", "a", "curl", "--zzz"}, kForm},
      {{"exec", "--zzz", "curl"}, "unknown flag --zzz"},
      {{"exec", "--evn", "API", "--", "job"}, "--env"},
      {{"serve", "--env", "API"}, "unknown flag --env"},
      {{"exec", "--env", "A-B", "--", "job"}, "--env takes the name of an environment variable"},
      {{"serve", "--", "job"}, "`bearer-proxy exec`"},
  };
  for (const Case& c : cases) {
    CAPTURE(c.error);
    CHECK(says(Configuring{.arguments = c.arguments}.errors(), c.error));
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
  CHECK(complete_with({"exec", "--access-log", "-", "--", "job"}).blames("access_log "));
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
