#include "token/credential.h"

namespace bearer::token {

std::string CredentialOptions::origin() const {
  if (!token_file.empty()) return "the file " + token_file;
  if (!token_command.empty()) return "the command " + token_command.front();
  if (!token_url.host.empty()) return token_url.origin();
  return issuer ? "the issuer " + issuer->text() : "nowhere";
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
                                   {dpop_key_file, "dpop_key_file"}};
  std::erase_if(files, [](const SecretFile& file) { return file.path.empty(); });
  return files;
}

}  // namespace bearer::token
