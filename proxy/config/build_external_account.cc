#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <utility>

#include "base/argv.h"
#include "base/host.h"
#include "base/json.h"
#include "base/text.h"
#include "config/build.h"
#include "config/checks.h"
#include "token/json.h"

// The file's shape is described in AIP-4117 (https://google.aip.dev/auth/4117).
namespace bearer::config {
namespace {

using nlohmann::json;
using token::CredentialOptions;

constexpr std::string_view kSetting = "external-account-file";
constexpr const char* kCloudPlatform = "https://www.googleapis.com/auth/cloud-platform";

/// The file, and the problems found in it.
class Account {
 public:
  Account(const Typed& typed, const Surroundings& around)
      : typed_(typed), around_(around), path_(typed.text(kSetting)) {
    read();
  }

  /// False if problems were reported.
  bool usable() const { return usable_; }
  const json& document() const { return document_; }
  /// Moves the text out of the document, which keeps no copy; empty if there is none.
  base::Secret take_secret(const char* name) { return token::take_secret(document_, name); }
  const Surroundings& around() const { return around_; }

  void problem(const std::string& sentence) {
    usable_ = false;
    typed_.problem(kSetting, path_, sentence);
  }

  /// Empty if there is none.
  static std::string text(const json& object, const char* name) {
    return object.is_object() ? token::text_of(object, name) : std::string();
  }

  std::string needed(const char* name) {
    std::string found = text(document_, name);
    if (found.empty()) problem("it has no " + std::string(name));
    return found;
  }

  std::optional<http::Url> url(const std::string& spelled, const std::string& member) {
    const auto parsed = http::parse_url(spelled);
    if (parsed) return *parsed;
    problem("its " + member + " is no URL: " + parsed.error().detail);
    return std::nullopt;
  }

  /// Accepts only Google's own URLs, because a token goes there. Such files are passed around, and
  /// a changed one could send the token to a stranger.
  std::optional<http::Url> google_url(const std::string& spelled, const std::string& member) {
    std::optional<http::Url> found = url(spelled, member);
    if (!found) return found;
    const bool google =
        found->tls && (found->host == "googleapis.com" || found->host.ends_with(".googleapis.com"));
    if (google || base::is_loopback(found->host)) return found;
    problem("its " + member + " is " + base::printable(found->origin(), 100) +
            ", which is not https and within googleapis.com: the platform's token is sent to "
            "nobody else" +
            (member == "token_url" ? "; where that is meant, set token_url yourself" : ""));
    return std::nullopt;
  }

 private:
  void read() {
    base::Result<std::string> text = around_.files.read(path_);
    if (!text) return problem("the file cannot be read: " + text.error().detail);
    if (base::json_too_deep(*text)) return problem(std::string(base::kJsonTooDeep));
    document_ = json::parse(*text, nullptr, /*allow_exceptions=*/false);
    base::wipe(*text);  // it may contain a client's secret
    if (!document_.is_object()) return problem("not a JSON object");
    check_type();
  }

  void check_type() {
    const std::string type = text(document_, "type");
    if (type == "external_account") return;
    std::string sentence =
        type.empty() ? "it has no type"
                     : "it is of the type " + base::printable(type, 40) + ", not external_account";
    if (type == "service_account") {
      sentence +=
          "; give a service account's key with service_account_file, or use the preset "
          "google";
    }
    problem(sentence);
  }

  const Typed& typed_;
  const Surroundings& around_;
  const std::string path_;
  json document_;
  bool usable_ = true;
};

/// Starts another request of the same credential.
CredentialOptions request_like(const CredentialOptions& options) {
  CredentialOptions made;
  made.name = options.name;
  made.given_by = options.given_by;
  made.ca_file = options.ca_file;
  made.connect_timeout = options.connect_timeout;
  made.auth_method = token::ClientAuth::none;
  made.grant = token::Grant::other;
  return made;
}

/// Reads `format` of a file or a URL: the text itself, or a member of a JSON object.
void read_format(Account& account, const json& source, token::AnswerMembers& members) {
  const auto format = source.find("format");
  const std::string type = format == source.end() ? "text" : Account::text(*format, "type");
  if (type == "json") {
    members.token = Account::text(*format, "subject_token_field_name");
    if (members.token.empty()) {
      account.problem("its credential_source.format has no subject_token_field_name");
    }
  } else if (type == "text") {
    members.token = ".";
  } else {
    account.problem("its credential_source.format is neither text nor json");
  }
}

void read_headers(Account& account, const json& source, token::EndpointWays& ways) {
  const auto headers = source.find("headers");
  if (headers == source.end()) return;
  for (const auto& [name, value] : headers->items()) {
    const base::Result<void> added =
        ways.add_field(name + ": " + (value.is_string() ? value.get<std::string>() : value.dump()));
    if (!added) {
      account.problem("its credential_source.headers has an entry that " + added.error().detail);
    }
  }
}

void read_url_source(Account& account, const Typed& typed, const json& source,
                     CredentialOptions& subject) {
  const auto url = account.url(Account::text(source, "url"), "credential_source.url");
  if (!url) return;
  if (!url->tls && !base::is_metadata_host(url->host) && !base::is_loopback(url->host) &&
      !account.around().insecure_http) {
    account.problem(
        "its credential_source.url is plain http to another machine, where everyone on "
        "the way can read the token; add --insecure-http if that is meant");
  }
  subject.token_url = *url;
  subject.ways.method = token::TokenMethod::get;
  subject.egress = read_egress(typed, account.around(), url->tls);
  read_headers(account, source, subject.ways);
  read_format(account, source, subject.ways.members);
}

void read_executable_source(Account& account, const json& executable, CredentialOptions& subject) {
  constexpr const char* kAllow = "GOOGLE_EXTERNAL_ACCOUNT_ALLOW_EXECUTABLES";
  const Environment& environment = account.around().environment;
  const auto allowed = environment.find(kAllow);
  if (allowed == environment.end() || allowed->second != "1") {
    account.problem("it names a program to run, which is done only where the environment says " +
                    std::string(kAllow) + "=1");
    return;
  }
  auto argv = base::split_argv(Account::text(executable, "command"));
  if (!argv) {
    account.problem("its credential_source.executable.command cannot be run: " +
                    argv.error().detail);
    return;
  }
  subject.token_command = std::move(*argv);
  const json& document = account.document();
  const std::string type = Account::text(document, "subject_token_type");
  subject.ways.members.token = type.ends_with(":saml2") ? "saml_response" : "id_token";
  subject.ways.members.expiry = "expiration_time";
  const auto timeout = executable.find("timeout_millis");
  if (timeout != executable.end() && timeout->is_number_unsigned()) {
    constexpr std::uint64_t kMaxMs = 120'000;
    subject.command_timeout = std::chrono::milliseconds(
        std::clamp<std::uint64_t>(timeout->get<std::uint64_t>(), 1, kMaxMs));
  }
  subject.command_environment = {
      "GOOGLE_EXTERNAL_ACCOUNT_AUDIENCE=" + Account::text(document, "audience"),
      "GOOGLE_EXTERNAL_ACCOUNT_TOKEN_TYPE=" + type, "GOOGLE_EXTERNAL_ACCOUNT_INTERACTIVE=0"};
  const std::string output = Account::text(executable, "output_file");
  if (!output.empty()) {
    subject.command_environment.push_back("GOOGLE_EXTERNAL_ACCOUNT_OUTPUT_FILE=" + output);
  }
  std::string email = Account::text(document, "service_account_impersonation_url");
  email = email.substr(email.rfind('/') + 1);
  if (email.ends_with(":generateAccessToken")) {
    subject.command_environment.push_back("GOOGLE_EXTERNAL_ACCOUNT_IMPERSONATED_EMAIL=" +
                                          email.substr(0, email.rfind(':')));
  }
}

/// The URL must be that of this machine's own metadata server, because a changed file could name
/// another one. It is not needed if the environment has the value.
std::optional<http::Url> metadata_url(Account& account, const json& source, const char* name,
                                      std::string_view unless) {
  const std::string member = "credential_source." + std::string(name);
  const std::string spelled = Account::text(source, name);
  if (spelled.empty()) {
    if (!unless.empty()) {
      account.problem("it has no " + member + ", and the environment has no " +
                      std::string(unless));
    }
    return std::nullopt;
  }
  std::optional<http::Url> found = account.url(spelled, member);
  const bool own = !found || base::is_metadata_host(found->host) ||
                   base::is_loopback(found->host) || found->host == "fd00:ec2::254";
  if (!own) account.problem("its " + member + " is not of this machine's metadata server");
  return found;
}

/// The URL must be AWS's STS, in any region, with no other action, because AWS does what is signed.
void check_verification_url(Account& account, const token::AwsSource& aws) {
  const std::string member = "credential_source.regional_cred_verification_url";
  const auto url = account.url(aws.verification_url_in("eu-central-1"), member);
  if (!url) return;
  const bool of_aws =
      url->tls && url->host.starts_with("sts.") &&
      (url->host.ends_with(".amazonaws.com") || url->host.ends_with(".amazonaws.com.cn"));
  if (!of_aws || url->path.find("Action=GetCallerIdentity") == std::string::npos) {
    account.problem("its " + member +
                    " is not AWS's, such as https://sts.{region}.amazonaws.com"
                    "?Action=GetCallerIdentity&Version=2011-06-15");
  }
}

/// A signed request proves the machine's identity. As in Google's programs, variables come first.
void read_aws_source(Account& account, const json& source, CredentialOptions& subject) {
  const std::string version = Account::text(source, "environment_id");
  if (version != "aws1") {
    return account.problem("its credential_source.environment_id is " +
                           base::printable(version, 40) + "; aws1 alone is known");
  }
  const Environment& environment = account.around().environment;
  const auto variable = [&](const char* name) {
    const auto found = environment.find(name);
    return found == environment.end() ? std::string() : found->second;
  };
  token::AwsSource aws;
  aws.audience = Account::text(account.document(), "audience");
  aws.region = variable("AWS_REGION");
  if (aws.region.empty()) aws.region = variable("AWS_DEFAULT_REGION");
  std::string secret = variable("AWS_SECRET_ACCESS_KEY");
  if (!secret.empty()) {
    aws.keys = {variable("AWS_ACCESS_KEY_ID"), base::Secret(std::move(secret)),
                base::Secret(variable("AWS_SESSION_TOKEN"))};
  }
  const bool has_keys = !aws.keys.id.empty();
  aws.region_url =
      metadata_url(account, source, "region_url", aws.region.empty() ? "AWS_REGION" : "");
  aws.keys_url = metadata_url(account, source, "url", has_keys ? "" : "AWS_ACCESS_KEY_ID");
  aws.session_url = metadata_url(account, source, "imdsv2_session_token_url", "");
  aws.verification_url = Account::text(source, "regional_cred_verification_url");
  check_verification_url(account, aws);
  subject.aws = std::move(aws);
}

/// Reads where the platform's own token comes from.
void read_source(Account& account, const Typed& typed, CredentialOptions& options) {
  const json source = account.document().value("credential_source", json());
  if (!source.is_object()) return account.problem("it has no credential_source");
  CredentialOptions subject = request_like(options);
  if (source.contains("file")) {
    subject.token_file = Account::text(source, "file");
    read_format(account, source, subject.ways.members);
    const std::string why = account.around().files.why_unreadable(subject.token_file);
    if (!why.empty()) {
      account.problem("its credential_source.file " + base::printable(subject.token_file, 200) +
                      " cannot be read: " + why);
    }
  } else if (source.contains("executable")) {
    read_executable_source(account, source.at("executable"), subject);
  } else if (source.contains("environment_id")) {
    read_aws_source(account, source, subject);
  } else if (source.contains("url")) {
    read_url_source(account, typed, source, subject);
  } else {
    return account.problem("its credential_source is neither a file, nor a url, nor an executable");
  }
  options.before.push_back(std::move(subject));
  options.before_is_subject = true;
}

void read_client(Account& account, CredentialOptions& options) {
  options.auth_method = token::ClientAuth::none;
  options.client_id = Account::text(account.document(), "client_id");
  base::Secret secret = account.take_secret("client_secret");
  if (options.client_id.empty() || secret.empty()) {
    options.client_id.clear();
    return;
  }
  options.client_secret = std::move(secret);
  options.auth_method = token::ClientAuth::client_secret_basic;
  options.basic_encoding = token::BasicEncoding::raw;
}

/// The token of the exchange is used to get one of the service account.
void impersonate(Account& account, const Typed& typed, CredentialOptions& options) {
  const json& document = account.document();
  const std::string spelled = Account::text(document, "service_account_impersonation_url");
  if (spelled.empty()) return;
  const auto url = account.google_url(spelled, "service_account_impersonation_url");
  if (!url) return;
  CredentialOptions made = request_like(options);
  made.store = options.store;
  made.refresh_margin = options.refresh_margin;
  made.token_url = *url;
  made.egress = read_egress(typed, account.around(), url->tls);
  made.ways.body = token::TokenBody::json;
  made.ways.members = {.token = "accessToken", .expiry = "expireTime"};
  json scopes = json::array();
  std::string_view rest = options.scope;
  while (!rest.empty()) {
    const std::string_view one = base::take_until(rest, ' ');
    if (!one.empty()) scopes.push_back(std::string(one));
  }
  const json own = document.value("service_account_impersonation", json::object());
  const auto said = own.is_object() ? own.find("token_lifetime_seconds") : own.end();
  const bool there = own.is_object() && said != own.end() && said->is_number_unsigned();
  const std::uint64_t lifetime_s = there ? said->get<std::uint64_t>() : 3600;
  made.token_params = {{"scope", scopes.dump(-1, ' ', false, json::error_handler_t::replace)},
                       {"lifetime", std::to_string(lifetime_s) + "s"}};
  options.scope = kCloudPlatform;
  made.before.push_back(std::move(options));
  options = std::move(made);
}

void check_alone(const Typed& typed) {
  for (const char* name :
       {"issuer", "audience", "client-id", "client-secret-file", "auth-method",
        "client-assertion-file", "refresh-token-file", "username", "password-file",
        "assertion-file", "service-account-file", "subject-token-file", "token-method",
        "token-body", "token-header", "token-header-file", "token-member", "expiry-member"}) {
    if (!typed.own(name)) continue;
    typed.problem(name, typed.text(name),
                  "external_account_file says this itself; keep one of the two");
  }
  if (typed.own("grant") && typed.text("grant") != "token_exchange") {
    typed.problem("grant", typed.text("grant"),
                  "external_account_file is for token_exchange; keep one of the two");
  }
}

}  // namespace

void read_external_account(const Typed& typed, const Surroundings& around,
                           CredentialOptions& options) {
  if (!typed.has(kSetting)) return;  // the preset that needs it has reported that
  check_alone(typed);
  options.given_by = "external_account_file";
  Account account(typed, around);
  if (!account.usable()) return;
  const auto own_url = typed.url("token-url");
  if (own_url) check_transport(typed, "token-url", *own_url, around);
  const auto url = own_url ? own_url : account.google_url(account.needed("token_url"), "token_url");
  if (url) options.token_url = *url;
  options.egress = read_egress(typed, around, options.token_url.tls);
  options.grant = token::Grant::token_exchange;
  options.audience = account.needed("audience");
  options.subject_token_type = account.needed("subject_token_type");
  if (options.scope.empty()) options.scope = kCloudPlatform;
  options.token_params.emplace_back("requested_token_type",
                                    "urn:ietf:params:oauth:token-type:access_token");
  const std::string project = Account::text(account.document(), "workforce_pool_user_project");
  read_client(account, options);
  if (!project.empty() && options.auth_method == token::ClientAuth::none) {
    options.token_params.emplace_back("options", json{{"userProject", project}}.dump());
  }
  read_source(account, typed, options);
  if (account.usable()) impersonate(account, typed, options);
}

}  // namespace bearer::config
