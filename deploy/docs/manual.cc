#include "deploy/docs/manual.h"

#include <string_view>

#include "config/option_table.h"
#include "config/option_text.h"
#include "config/subcommand.h"

namespace bearer::docs {
namespace {

using config::Option;
using config::Subcommand;

/// Text that stands for itself: a line that begins with a dot or a quote would be a request, and a
/// plain dash a hyphen, which nobody can copy and paste.
std::string roff(std::string_view text) {
  std::string escaped;
  for (const char c : text) {
    if (escaped.empty() && (c == '.' || c == '\'')) escaped += "\\&";
    if (c == '-') {
      escaped += "\\-";
    } else if (c == '\\') {
      escaped += "\\e";
    } else {
      escaped += c;
    }
  }
  return escaped;
}

std::string bold(std::string_view text) {
  return "\\fB" + roff(text) + "\\fR";
}

/// A paragraph with a tag.
std::string tagged(std::string_view tag, std::string_view text) {
  return ".TP\n" + bold(tag) + "\n" + roff(text) + "\n";
}

constexpr std::string_view kDescription =
    "Takes HTTP requests on loopback without credentials and sends them on to an API with an OAuth "
    "2.0 bearer token, which it renews ahead of its end. What the API answers to the unlucky (401, "
    "429, 5xx, lost connections) it absorbs: it replays, waits and retries.";

constexpr std::string_view kExamples = R"(.EX
BEARER_PROXY_CLIENT_SECRET=... bearer\-proxy \-\-preset genesys \-\-client\-id ID
curl http://127.0.0.1:8080/api/v2/users

bearer\-proxy exec \-\-config api.json \-\- python3 job.py
.EE
)";

std::string commands() {
  std::string text;
  for (const Subcommand& command : config::subcommands()) {
    const std::string operands(command.operands);
    text +=
        tagged(std::string(command.name) + (operands.empty() ? "" : " " + operands), command.help);
    const std::string defaults = config::own_defaults(command);
    if (!defaults.empty()) text += ".br\n" + roff("Its own defaults: " + defaults) + "\n";
    for (const config::CommandFlag& flag : command.flags) {
      text += ".RS\n" + tagged(config::title(flag), flag.help) + ".RE\n";
    }
  }
  return text;
}

std::string exit_statuses() {
  std::string text;
  for (const Subcommand& command : config::subcommands()) {
    text += tagged(command.name, command.exit_statuses);
  }
  return text;
}

std::string settings() {
  std::string text = roff(config::precedence()) + "\n";
  for (const config::Heading& heading : config::headings()) {
    text += ".SS " + roff(heading.text) + "\n";
    for (const Option& option : config::option_table()) {
      if (option.group != heading.group || !config::is_listed(option)) continue;
      text += tagged(config::title(option), option.help) + ".br\n" +
              roff(config::spellings(option)) + "\n";
    }
  }
  return text;
}

std::string section(std::string_view title, const std::string& content) {
  return ".SH " + std::string(title) + "\n" + content;
}

}  // namespace

std::string manual(const std::string& version) {
  // A default may be a word as long as half a line, which cannot be adjusted to both margins.
  return ".TH BEARER\\-PROXY 1 \"\" \"bearer\\-proxy " + roff(version) +
         "\" \"User Commands\"\n.ad l\n" +
         section("NAME", "bearer\\-proxy \\- reverse proxy that adds and renews a bearer token\n") +
         section("SYNOPSIS", ".B bearer\\-proxy\n[\\fICOMMAND\\fR] [\\fIsettings\\fR]\n") +
         section("DESCRIPTION", roff(kDescription) + "\n") + section("COMMANDS", commands()) +
         section("SETTINGS", settings()) + section("EXIT STATUS", exit_statuses()) +
         section("SIGNALS",
                 "SIGTERM and SIGINT end it after what is in flight; a second one at once. SIGHUP "
                 "has it read configuration and secrets again.\n") +
         section("FILES", tagged("/etc/bearer-proxy/bearer-proxy.json",
                                 "the configuration of the systemd service") +
                              tagged("/etc/bearer-proxy/client-secret",
                                     "its secret, for root's eyes alone")) +
         section("EXAMPLES", std::string(kExamples));
}

}  // namespace bearer::docs
