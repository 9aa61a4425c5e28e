#include "token/credential.h"

namespace bearer::token {

std::string CredentialOptions::origin() const {
  if (!token_file.empty()) return "the file " + token_file;
  if (!token_command.empty()) return "the command " + token_command.front();
  if (!token_url.host.empty()) return token_url.origin();
  return issuer ? "the issuer " + issuer->text() : "nowhere";
}

}  // namespace bearer::token
