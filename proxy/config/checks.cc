#include "config/checks.h"

#include <vector>

#include "base/host.h"

namespace bearer::config {

void check_transport(const Typed& typed, std::string_view name, const http::Url& url,
                     const Surroundings& around) {
  if (url.tls || around.insecure_http || base::is_loopback(url.host)) return;
  typed.problem(name, typed.text(name),
                "plain http to another machine shows the credential to everyone on the way; use "
                "https, or add --insecure-http if that is meant");
}

void check_file(const Typed& typed, std::string_view name, const Surroundings& around) {
  if (!typed.has(name)) return;
  const std::vector<std::string> texts = typed.texts(name);
  if (texts.empty()) return;  // it is no path at all, which was reported
  const std::string& path = texts.front();
  if (path.empty()) return typed.problem(name, path, "it is empty; it takes the file's name");
  const std::string why = around.files.why_unreadable(path);
  if (!why.empty()) typed.problem(name, path, "the file cannot be read: " + why);
}

std::string file(const Typed& typed, std::string_view name, const Surroundings& around) {
  check_file(typed, name, around);
  return typed.text(name);
}

}  // namespace bearer::config
