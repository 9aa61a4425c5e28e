#include "token/credential.h"

#include <algorithm>

#include "base/text.h"
#include "http/fields.h"
#include "http/hop_by_hop.h"

namespace bearer::token {
namespace {

/// True for the fields that make up a request's connection, framing and proof.
bool is_ours(std::string_view name) {
  switch (const http::FieldName id = http::field_name(name)) {
    case http::FieldName::content_length:
    case http::FieldName::dpop:
    case http::FieldName::expect:
    case http::FieldName::framing_lookalike:
    case http::FieldName::host: return true;
    default: return http::hop_by_hop(id) || base::iequals(name, "Accept-Encoding");
  }
}

}  // namespace

base::Result<void> EndpointWays::add_field(std::string_view line) {
  http::WrittenField field = http::read_written_field(line);
  if (field.wrong.empty() && is_ours(field.name)) {
    field.wrong.append(field.name).append(" belongs to the connection");
  }
  if (!field.wrong.empty()) return base::Error{base::Errc::request_malformed, field.wrong};
  fields.emplace_back(field.name, base::Secret(std::string(field.value)));
  return {};
}

std::string CredentialOptions::source_text() const {
  if (!token_file.empty()) return "the file " + token_file;
  if (!token_command.empty()) return "the command " + token_command.front();
  if (aws) return "the metadata server of AWS";
  if (!token_url.host.empty()) return token_url.origin();
  return issuer ? "the issuer " + issuer->text() : "nowhere";
}

std::string_view CredentialOptions::proof_setting() const {
  if (!given_by.empty()) return given_by;
  switch (auth_method) {
    case ClientAuth::private_key_jwt:
    case ClientAuth::tls_client_auth:
    case ClientAuth::bearer_jwt: return "client_key";
    case ClientAuth::assertion_file: return "client_assertion_file";
    default: break;
  }
  if (auth_method == ClientAuth::none) {
    if (!password_file.empty()) return "username and password_file";
    if (!assertion_file.empty()) return "assertion_file";
    if (!subject_token_file.empty()) return "subject_token_file";
    if (!token_params.empty()) return "token_param";
  }
  if (!client_secret_file.empty()) return "client_secret_file";
  return client_secret_variable.empty() ? kSecretSettings : client_secret_variable;
}

bool CredentialOptions::takes_secret_from_environment() const {
  return !client_secret.empty() ||
         std::ranges::any_of(before, &CredentialOptions::takes_secret_from_environment);
}

std::vector<SecretFile> CredentialOptions::secret_files() const {
  if (!token_file.empty()) return {{token_file, "token_file"}};
  std::vector<SecretFile> files = {{client_secret_file, "client_secret_file"},
                                   {client_key_file, "client_key"},
                                   {client_cert_file, "client_cert"},
                                   {refresh_token_file, "refresh_token_file"},
                                   {password_file, "password_file"},
                                   {assertion_file, "assertion_file"},
                                   {service_account_file, "service_account_file"},
                                   {subject_token_file, "subject_token_file"},
                                   {client_assertion_file, "client_assertion_file"},
                                   {ways.fields_file, "token_header_file"},
                                   {dpop_key_file, "dpop_key_file"}};
  for (const CredentialOptions& first : before) {
    const std::vector<SecretFile> more = first.secret_files();
    files.insert(files.end(), more.begin(), more.end());
  }
  std::erase_if(files, [](const SecretFile& file) { return file.path.empty(); });
  return files;
}

}  // namespace bearer::token
