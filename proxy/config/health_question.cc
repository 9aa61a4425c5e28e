#include "config/health_question.h"

#include "base/text.h"
#include "config/load.h"
#include "config/typed.h"

namespace bearer::config {
namespace {

net::Address read_admin(const Typed& typed) {
  const std::string text = typed.text("admin");
  if (text == "off") {
    typed.problem("admin", text, "there is no admin port to ask; name its address with --admin");
    return {};
  }
  const std::vector<net::Address> addresses = typed.addresses("admin");
  if (addresses.empty()) return {};
  if (addresses.front().path.empty() && addresses.front().port == 0) {
    typed.problem("admin", text, "the port that was taken is not known here; name it");
  }
  return addresses.front();
}

base::Duration read_wait(const Flags& flags, ConfigErrors& problems) {
  const auto given = flags.own.find("wait");
  if (given == flags.own.end()) return {};
  const std::string& text = given->second.front();
  const auto wait = base::parse_duration(text);
  if (!wait) problems.add("--wait " + text + ": not a duration; write 30s, 2m or 500ms");
  return wait.value_or(base::Duration::zero());
}

}  // namespace

HealthQuestion read_health_question(const Flags& flags, const Environment& environment,
                                    const Files& files) {
  ConfigErrors problems;
  Values values = read_all(flags.values, environment, files, problems).flat;
  inherit(values, default_values(*find_subcommand(flags.command)));
  const HealthQuestion question{read_admin(Typed(values, "", problems)), read_wait(flags, problems),
                                flags.own.contains("live")};
  problems.throw_if_any();
  return question;
}

}  // namespace bearer::config
