#include "token/credential.h"

#include "base/text.h"
#include "http/chars.h"
#include "http/fields.h"
#include "http/hop_by_hop.h"
#include "token/secret/secret_file.h"

namespace bearer::token {
namespace {

base::Error no_field(std::string detail) {
  return {base::Errc::request_malformed, std::move(detail)};
}

/// The connection, the framing and the proof of a request are made of these fields.
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
  const std::size_t colon = line.find(':');
  const std::string_view name = line.substr(0, colon);
  if (colon == line.npos || !http::is_token(name)) {
    return no_field("is not of the form \"Name: value\"");
  }
  const std::string_view value = base::trim(line.substr(colon + 1));
  if (has_control(value)) return no_field("has a control character in its value");
  if (is_ours(name)) {
    return no_field("names " + std::string(name) + ", which belongs to the connection");
  }
  fields.emplace_back(name, base::Secret(std::string(value)));
  return {};
}

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
