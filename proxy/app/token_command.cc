#include "app/token_command.h"

#include <algorithm>
#include <cassert>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <string>

#include "app/app.h"
#include "base/log.h"

namespace bearer::app {
namespace {

bool write_line(const base::Secret& secret) {
  std::string line(secret.reveal());
  line += '\n';
  const bool written = std::fwrite(line.data(), 1, line.size(), stdout) == line.size();
  base::wipe(line);
  return std::fflush(stdout) == 0 && written;
}

}  // namespace

const token::CredentialOptions& main_credential(const config::Settings& settings) {
  const auto found = std::ranges::find(settings.credentials, settings.routes.front().credential,
                                       &token::CredentialOptions::name);
  assert(found != settings.credentials.end());
  return *found;
}

int print_token(const config::Settings& settings, const FetchToken& fetch) {
  const token::CredentialOptions& credential = main_credential(settings);
  const base::Result<token::Fetched> fetched = fetch(credential);
  if (!fetched) {
    base::say("no token for credential " + credential.name + ": " + fetched.error().sentence());
    return kNoToken;
  }
  if (!write_line(fetched->value)) {
    base::say(std::string("the token cannot be written to stdout: ") + std::strerror(errno));
    return kRuntimeFailure;
  }
  return kFine;
}

}  // namespace bearer::app
