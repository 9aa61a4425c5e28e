#include "token/oauth/grant.h"

#include <utility>

#include "token/oauth/self_signed_assertion.h"
#include "token/secret/secret_file.h"

namespace bearer::token {
namespace {

base::Result<void> add_secret(TokenForm& form, std::string_view name,
                              base::Result<base::Secret> secret) {
  if (!secret) return secret.error();
  form.add(name, std::move(*secret));
  return {};
}

base::Result<void> add_password(const CredentialOptions& options, TokenForm& form) {
  form.add("grant_type", "password");
  form.add("username", options.username);
  return add_secret(form, "password", read_secret_file(options.password_file, "password_file"));
}

base::Result<void> add_jwt_bearer(const CredentialOptions& options, base::WallTime now,
                                  TokenForm& form) {
  form.add("grant_type", "urn:ietf:params:oauth:grant-type:jwt-bearer");
  return add_secret(form, "assertion",
                    options.assertion_file.empty()
                        ? self_signed_assertion(options, now)
                        : read_secret_file(options.assertion_file, "assertion_file"));
}

base::Result<void> add_token_exchange(const CredentialOptions& options, TokenForm& form) {
  form.add("grant_type", "urn:ietf:params:oauth:grant-type:token-exchange");
  form.add("subject_token_type", options.subject_token_type);
  if (options.before_is_subject) return {};  // it is the first request's token
  return add_secret(form, "subject_token",
                    read_secret_file(options.subject_token_file, "subject_token_file"));
}

/// A grant that is not known here may use the same files.
base::Result<void> add_other(const CredentialOptions& options, TokenForm& form) {
  form.add_unless_empty("grant_type", options.grant_type);
  form.add_unless_empty("username", options.username);
  struct Part {
    const char* name;
    const std::string& path;
    const char* setting;
  };
  for (const Part& part :
       {Part{"password", options.password_file, "password_file"},
        Part{"assertion", options.assertion_file, "assertion_file"},
        Part{"subject_token", options.subject_token_file, "subject_token_file"}}) {
    if (part.path.empty()) continue;
    const base::Result<void> added =
        add_secret(form, part.name, read_secret_file(part.path, part.setting));
    if (!added) return added.error();
  }
  if (!options.subject_token_file.empty()) {
    form.add("subject_token_type", options.subject_token_type);
  }
  return {};
}

net::Task<base::Result<void>> add_own_part(const CredentialOptions& options, base::WallTime now,
                                           RefreshTokens& refresh_tokens, TokenForm& form) {
  switch (options.grant) {
    case Grant::client_credentials: form.add("grant_type", "client_credentials"); break;
    case Grant::refresh_token: {
      form.add("grant_type", "refresh_token");
      base::Result<base::Secret> refresh_token = co_await refresh_tokens.read();
      co_return add_secret(form, "refresh_token", std::move(refresh_token));
    }
    case Grant::password: co_return add_password(options, form);
    case Grant::jwt_bearer: co_return add_jwt_bearer(options, now, form);
    case Grant::token_exchange: co_return add_token_exchange(options, form);
    case Grant::other: co_return add_other(options, form);
  }
  co_return {};
}

}  // namespace

net::Task<base::Result<void>> add_grant(const CredentialOptions& options, base::WallTime now,
                                        RefreshTokens& refresh_tokens, TokenForm& form) {
  const base::Result<void> own = co_await add_own_part(options, now, refresh_tokens, form);
  if (!own) co_return own.error();
  // A service account has them inside the assertion.
  if (options.service_account_file.empty()) {
    form.add_unless_empty("scope", options.scope);
    form.add_unless_empty("audience", options.audience);
  }
  for (const std::string& resource : options.resources) form.add("resource", resource);
  // Kept so that it is redacted if a server quotes it: it may be a key.
  for (const auto& [name, value] : options.token_params) {
    form.add_written(name, base::Secret(std::string(value)));
  }
  co_return {};
}

}  // namespace bearer::token
