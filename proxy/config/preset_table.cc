#include "config/preset_table.h"

#include <algorithm>

namespace bearer::config {
namespace {

constexpr std::string_view kGenesysRegions[] = {
    "mypurecloud.com",         // US East (N. Virginia)
    "use2.us-gov-pure.cloud",  // US East 2 (Ohio, FedRAMP)
    "usw2.pure.cloud",         // US West (Oregon)
    "cac1.pure.cloud",         // Canada (Central)
    "mxc1.pure.cloud",         // Mexico (Central)
    "sae1.pure.cloud",         // South America (São Paulo)
    "mypurecloud.ie",          // Europe (Ireland)
    "euw2.pure.cloud",         // Europe (London)
    "mypurecloud.de",          // Europe (Frankfurt)
    "euc2.pure.cloud",         // Europe (Zurich)
    "edee1.eusc-pure.cloud",   // European Sovereign Cloud (Germany)
    "mec1.pure.cloud",         // Middle East (UAE)
    "aps1.pure.cloud",         // Asia Pacific (Mumbai)
    "apse1.pure.cloud",        // Asia Pacific (Singapore)
    "mypurecloud.com.au",      // Asia Pacific (Sydney)
    "mypurecloud.jp",          // Asia Pacific (Tokyo)
    "apne2.pure.cloud",        // Asia Pacific (Seoul)
    "apne3.pure.cloud",        // Asia Pacific (Osaka)
};

constexpr PresetValue kGenesys[] = {
    {"upstream", "https://api.{region}"},   {"token-url", "https://login.{region}/oauth/token"},
    {"auth-method", "client_secret_basic"}, {"refresh-margin", "300s"},
    {"read-only-post", "/api/v2/**/query"}, {"read-only-post", "/api/v2/**/search"},
    {"stub-token", "/oauth/token"},         {"stub-token", "/api/v2/oauth/token"},
};
constexpr PresetVariable kGenesysVariables[] = {
    {"client-id", "GENESYS_CLIENT_ID"},
    {"client-secret-env", "GENESYS_CLIENT_SECRET"},
};

// Microsoft Graph, unless a person names another API and its scope.
constexpr PresetValue kEntra[] = {
    {"upstream", "https://graph.microsoft.com"},
    {"token-url", "https://login.microsoftonline.com/{region}/oauth2/v2.0/token"},
    {"auth-method", "client_secret_post"},
    {"scope", "https://graph.microsoft.com/.default"},
};
constexpr PresetVariable kEntraVariables[] = {
    {"region", "AZURE_TENANT_ID"},
    {"client-id", "AZURE_CLIENT_ID"},
    {"client-secret-env", "AZURE_CLIENT_SECRET"},
    {"client-assertion-file", "AZURE_FEDERATED_TOKEN_FILE"},
};

constexpr PresetValue kGoogle[] = {
    {"token-url", "https://oauth2.googleapis.com/token"},
    {"grant", "jwt_bearer"},
    {"auth-method", "none"},
    {"scope", "https://www.googleapis.com/auth/cloud-platform"},
};
constexpr PresetVariable kGoogleVariables[] = {
    {"service-account-file", "GOOGLE_APPLICATION_CREDENTIALS"},
};

// The organisation's own authorization server takes only signed assertions; a custom one is named
// by its issuer. An API services app requires DPoP unless a person turns that off in Okta
// (developer.okta.com/docs/guides/dpop).
constexpr PresetValue kOkta[] = {
    {"upstream", "https://{region}"},
    {"token-url", "https://{region}/oauth2/v1/token"},
    {"auth-method", "private_key_jwt"},
    {"dpop", "true"},
};

constexpr PresetValue kAuth0[] = {
    {"token-url", "https://{region}/oauth/token"},
    {"auth-method", "client_secret_post"},
};
constexpr PresetVariable kAuth0Variables[] = {
    {"region", "AUTH0_DOMAIN"},
    {"client-id", "AUTH0_CLIENT_ID"},
    {"client-secret-env", "AUTH0_CLIENT_SECRET"},
};

constexpr PresetValue kKeycloak[] = {
    {"token-url", "https://{region}/protocol/openid-connect/token"},
    {"auth-method", "client_secret_basic"},
};

// Each org has its own domain: login.salesforce.com does not take client_credentials. The API of
// sandboxes is below salesforce.com too, that of the Department of Defense's orgs below
// salesforce.mil. Not below force.com, which may have a customer's own pages.
constexpr PresetValue kSalesforce[] = {
    {"upstream", "https://{region}"},
    {"token-url", "https://{region}/services/oauth2/token"},
    {"auth-method", "client_secret_post"},
};

constexpr std::string_view kSalesforceDomains[] = {"salesforce.com", "salesforce.mil"};

// The webhook of workload identity sets these variables in the pods that it serves.
constexpr PresetValue kAzureWorkloadIdentity[] = {
    {"upstream", "https://graph.microsoft.com"},
    {"token-url",
     "{AZURE_AUTHORITY_HOST|https://login.microsoftonline.com}/{region}/oauth2/v2.0/token"},
    {"auth-method", "none"},
    {"scope", "https://graph.microsoft.com/.default"},
};
constexpr PresetVariable kAzureWorkloadIdentityVariables[] = {
    {"region", "AZURE_TENANT_ID"},
    {"client-id", "AZURE_CLIENT_ID"},
    {"client-assertion-file", "AZURE_FEDERATED_TOKEN_FILE"},
};

// App Service, Functions and Container Apps have an endpoint of their own; elsewhere it is the
// virtual machine's.
constexpr PresetValue kAzureManagedIdentity[] = {
    {"upstream", "https://graph.microsoft.com"},
    {"grant", "none"},
    {"auth-method", "none"},
    {"token-method", "GET"},
    {"resource", "https://graph.microsoft.com"},
};
constexpr PresetValue kAzureAppService[] = {
    {"token-url", "{IDENTITY_ENDPOINT}?api-version=2019-08-01"},
    {"token-header", "X-IDENTITY-HEADER: {IDENTITY_HEADER}"},
};
constexpr PresetValue kAzureMachine[] = {
    {"token-url",
     "{AZURE_POD_IDENTITY_AUTHORITY_HOST|http://169.254.169.254}/metadata/identity/oauth2/token"
     "?api-version=2018-02-01"},
    {"token-header", "Metadata: true"},
};
constexpr PresetVariant kAzureManagedIdentityVariants[] = {
    {.variable = "IDENTITY_HEADER", .setting = {}, .values = kAzureAppService},
    {.variable = {}, .setting = {}, .values = kAzureMachine},
};
constexpr PresetVariable kAzureManagedIdentityVariables[] = {{"client-id", "AZURE_CLIENT_ID"}};

constexpr PresetValue kGce[] = {
    {"token-url",
     "http://{GCE_METADATA_HOST|metadata.google.internal}/computeMetadata/v1/instance/"
     "service-accounts/default/token"},
    {"grant", "none"},
    {"auth-method", "none"},
    {"token-method", "GET"},
    {"token-header", "Metadata-Flavor: Google"},
};

constexpr PresetValue kGcpWorkloadIdentity[] = {
    {"grant", "token_exchange"},
    {"scope", "https://www.googleapis.com/auth/cloud-platform"},
};
constexpr PresetVariable kGcpWorkloadIdentityVariables[] = {
    {"external-account-file", "GOOGLE_APPLICATION_CREDENTIALS"},
};

// An ID token: a service account's by its key, else the machine's own.
constexpr PresetValue kCloudRunByKey[] = {
    {"token-url", "https://oauth2.googleapis.com/token"},
    {"grant", "jwt_bearer"},
    {"auth-method", "none"},
    {"token-member", "id_token"},
};
constexpr PresetValue kCloudRunByMachine[] = {
    {"token-url",
     "http://{GCE_METADATA_HOST|metadata.google.internal}/computeMetadata/v1/instance/"
     "service-accounts/default/identity?format=full"},
    {"grant", "none"},
    {"auth-method", "none"},
    {"token-method", "GET"},
    {"token-header", "Metadata-Flavor: Google"},
    {"token-member", "."},
};
constexpr PresetVariant kCloudRunVariants[] = {
    {.variable = {}, .setting = "service-account-file", .values = kCloudRunByKey},
    {.variable = {}, .setting = {}, .values = kCloudRunByMachine},
};

constexpr PresetVariable kCloudRunVariables[] = {
    {"service-account-file", "GOOGLE_APPLICATION_CREDENTIALS"},
};

constexpr PresetValue kGithubApp[] = {
    {"upstream", "https://api.github.com"},
    {"token-url", "https://api.github.com/app/installations/{region}/access_tokens"},
    {"grant", "none"},
    {"auth-method", "bearer_jwt"},
    {"token-body", "json"},
    {"token-header", "Accept: application/vnd.github+json"},
    {"token-header", "X-GitHub-Api-Version: 2022-11-28"},
    {"token-member", "token"},
    {"expiry-member", "expires_at"},
};
constexpr PresetVariable kGithubAppVariables[] = {
    {"region", "GITHUB_APP_INSTALLATION_ID"},
    {"client-id", "GITHUB_APP_ID"},
};

constexpr Preset kPresets[] = {
    {.name = "genesys",
     .region = {.meaning = "the region's domain",
                .default_text = "mypurecloud.com",
                .known = kGenesysRegions},
     .values = kGenesys,
     .variables = kGenesysVariables},
    {.name = "entra",
     .region = {.meaning = "the tenant's id or domain"},
     .values = kEntra,
     .variables = kEntraVariables,
     .scope_ends_with = "/.default"},
    {.name = "google", .region = {}, .values = kGoogle, .variables = kGoogleVariables},
    {.name = "okta",
     .region = {.meaning = "the organisation's domain, such as acme.okta.com"},
     .values = kOkta,
     .variables = {},
     .needs = "scope",
     .why_needed = "okta gives no token without a scope, such as okta.users.read"},
    {.name = "auth0",
     .region = {.meaning = "the tenant's domain, such as acme.eu.auth0.com"},
     .values = kAuth0,
     .variables = kAuth0Variables,
     .needs = "audience",
     .why_needed = "auth0 gives tokens for an audience: the API's identifier"},
    {.name = "keycloak",
     .region = {.meaning = "server and realm, such as sso.example.com/realms/acme",
                .also_allowed = "/_:"},
     .values = kKeycloak,
     .variables = {}},
    {.name = "salesforce",
     .region = {.meaning = "the org's domain, such as acme.my.salesforce.com"},
     .values = kSalesforce,
     .variables = {},
     .upstream = {.member = "instance_url", .domains = kSalesforceDomains}},
    {.name = "azure-workload-identity",
     .region = {.meaning = "the tenant's id or domain"},
     .values = kAzureWorkloadIdentity,
     .variables = kAzureWorkloadIdentityVariables,
     .needs = "client-assertion-file",
     .why_needed = "the webhook of workload identity names it in AZURE_FEDERATED_TOKEN_FILE, in "
                   "pods with the label azure.workload.identity/use: \"true\"",
     .scope_ends_with = "/.default"},
    {.name = "azure-managed-identity",
     .region = {},
     .values = kAzureManagedIdentity,
     .variables = kAzureManagedIdentityVariables,
     .variants = kAzureManagedIdentityVariants},
    {.name = "gce", .region = {}, .values = kGce, .variables = {}},
    {.name = "gcp-workload-identity",
     .region = {},
     .values = kGcpWorkloadIdentity,
     .variables = kGcpWorkloadIdentityVariables,
     .needs = "external-account-file",
     .why_needed = "it says where the platform's own token is, and what Google takes it for"},
    {.name = "cloud-run",
     .region = {},
     .values = {},
     .variables = kCloudRunVariables,
     .variants = kCloudRunVariants,
     .needs = "audience",
     .why_needed = "an ID token is for one service: its URL, or the client id of IAP"},
    {.name = "github-app",
     .region = {.meaning = "the installation's id"},
     .values = kGithubApp,
     .variables = kGithubAppVariables,
     .needs = "client-key",
     .why_needed = "the app's private key, as GitHub gives it to you, signs for the app"},
};

}  // namespace

std::span<const Preset> preset_table() {
  return kPresets;
}

const Preset* find_preset(std::string_view name) {
  const auto found = std::ranges::find(preset_table(), name, &Preset::name);
  return found == preset_table().end() ? nullptr : &*found;
}

}  // namespace bearer::config
