#include "token/oauth/given_files.h"

#include <algorithm>
#include <initializer_list>
#include <string>

#include "token/oauth/client_auth.h"
#include "token/oauth/self_signed_assertion.h"
#include "token/oauth/token_form.h"
#include "token/oauth/token_request.h"
#include "token/secret/secret_file.h"

namespace bearer::token {
namespace {

bool some_pipe(std::initializer_list<std::string> paths) {
  return std::ranges::any_of(paths, is_pipe);
}

base::Result<void> check_client(const CredentialOptions& options, base::WallTime now) {
  if (options.auth_method == ClientAuth::assertion_file) return {};
  if (some_pipe({options.client_secret_file, options.client_key_file, options.client_cert_file})) {
    return {};
  }
  TokenForm form;
  const base::Result<base::Secret> made = authenticate_client(options, now, form);
  if (!made) return made.error();
  return {};
}

base::Result<void> check_assertion(const CredentialOptions& options, base::WallTime now) {
  if (options.grant != Grant::jwt_bearer || !options.assertion_file.empty()) return {};
  if (some_pipe({options.service_account_file, options.client_key_file})) return {};
  const base::Result<base::Secret> made = self_signed_assertion(options, now);
  if (!made) return made.error();
  return {};
}

base::Result<void> check_fields(const std::string& path) {
  if (is_pipe(path)) return {};
  EndpointWays ways;
  return read_fields(path, ways);
}

}  // namespace

base::Result<void> check_given_files(const CredentialOptions& options) {
  if (!options.token_file.empty() || !options.token_command.empty() || options.aws) return {};
  const base::WallTime now = base::system_clock().wall();
  for (const base::Result<void>& checked :
       {check_client(options, now), check_assertion(options, now),
        check_fields(options.ways.fields_file)}) {
    if (!checked) return checked.error();
  }
  for (const CredentialOptions& first : options.before) {
    const base::Result<void> checked = check_given_files(first);
    if (!checked) return checked.error();
  }
  return {};
}

}  // namespace bearer::token
