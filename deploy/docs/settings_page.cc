#include "deploy/docs/settings_page.h"

#include <string_view>

#include "config/option_table.h"
#include "config/option_text.h"

namespace bearer::docs {
namespace {

using config::Kind;
using config::Option;

constexpr std::string_view kIntroduction =
    R"(<!-- Made from proxy/config/option_table.cc by `make docs`. Change the table or deploy/docs/settings_page.cc, not this page. -->

# Settings

A setting has one name in three spellings: the flag `--token-url`, the environment variable `BEARER_PROXY_TOKEN_URL` and the key `token_url` of the [config file](config-file.md).
A flag wins over the environment, the environment over the config file, the config file over the [preset](providers.md), and that over the default. `bearer-proxy --help` shows the same settings, `bearer-proxy help retries` those of one topic.

- A name that is not known is an error, which suggests the nearest one. Two kinds of variables are passed over, because others set them: `BEARER_PROXY_URL`, and what Kubernetes puts into a pod beside a Service named `bearer-proxy` (`BEARER_PROXY_SERVICE_HOST`, `BEARER_PROXY_PORT`, …).
- Durations are `500ms`, `120s`, `2m` or `1h`; a plain number is seconds. Sizes are `64KiB`, `10MiB` or `1GiB`. Addresses are `127.0.0.1:8080`, `[::1]:8080`, `localhost:8080` or `unix:/run/bearer-proxy.sock`.
- Where a flag can be repeated, the config key takes an array. The environment variable takes a list with commas, or one value where values may hold commas.
- The column *block* tells where else than at the top of the config file the key may stand: in an entry of `routes`, of `credentials`, or of both.
- Relative paths start at the working directory.
)";

constexpr std::string_view kHead =
    "| setting | default | meaning | block |\n| --- | --- | --- | --- |\n";

std::string cell(std::string_view text) {
  std::string escaped;
  for (const char c : text) {
    if (c == '|') escaped += '\\';
    escaped += c;
  }
  return escaped.empty() ? " " : " " + escaped + " ";
}

std::string default_code(const Option& option) {
  const std::string text = config::default_value(option);
  return text.empty() ? "" : "`" + text + "`";
}

std::string meaning(const Option& option) {
  std::string text(option.help);
  if (option.repeats == config::Repeats::commas) text += "; repeatable";
  if (option.repeats == config::Repeats::one_a_variable) {
    text += "; repeatable, but the variable gives one";
  }
  if (option.spellings == config::kEnvironment) text += "; only in the environment";
  if (option.spellings == config::kKey) text += "; only in the config file";
  if (!option.can_be(config::kKey) && option.can_be(config::kFlag)) {
    text += "; not in the config file";
  }
  return text;
}

std::string_view block(const Option& option) {
  if (!option.can_be(config::kKey)) return "";
  switch (option.scope) {
    case config::kRoute: return "routes";
    case config::kCredential: return "credentials";
    case config::kRoute | config::kCredential: return "routes, credentials";
    default: return "";
  }
}

std::string row(const Option& option) {
  return "|" + cell("`" + config::title(option) + "`") + "|" + cell(default_code(option)) + "|" +
         cell(meaning(option)) + "|" + cell(block(option)) + "|\n";
}

std::string section(const config::Heading& heading) {
  std::string text = "\n## " + std::string(heading.text) + "\n\n" + std::string(kHead);
  for (const Option& option : config::option_table()) {
    if (option.group == heading.group && config::is_listed(option)) text += row(option);
  }
  return text;
}

std::string keys_of_routes() {
  std::string text =
      "\n## Keys of routes alone\n\nThese keys stand only in an entry of `routes`.\n\n"
      "| key | default | meaning |\n| --- | --- | --- |\n";
  for (const Option& option : config::option_table()) {
    if (config::is_listed(option)) continue;
    text += "|" + cell("`" + option.key() + "`") + "|" + cell(default_code(option)) + "|" +
            cell(option.help) + "|\n";
  }
  return text;
}

}  // namespace

std::string settings_page() {
  std::string page(kIntroduction);
  for (const config::Heading& heading : config::headings()) page += section(heading);
  return page + keys_of_routes();
}

}  // namespace bearer::docs
