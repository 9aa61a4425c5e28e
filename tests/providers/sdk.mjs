// Gets one token as the vendor's SDK does, for the preset that is named.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";

const [folder, preset] = process.argv.slice(2);
const { resolve } = createRequire(`${folder}/`);
const load = (name) => import(pathToFileURL(resolve(name)));
const env = process.env;
const scopes = ["https://www.googleapis.com/auth/cloud-platform"];
const graph = "https://graph.microsoft.com/.default";

const azure = () => load("@azure/identity");
const google = () => load("google-auth-library");
const byFile = async () => {
  const { GoogleAuth } = await google();
  return new GoogleAuth({ keyFilename: env.GOOGLE_APPLICATION_CREDENTIALS, scopes }).getAccessToken();
};

const { CLIENT_ID, CLIENT_SECRET } = env;

const ways = {
  async genesys() {
    const client = (await load("purecloud-platform-client-v2")).default.ApiClient.instance;
    client.setEnvironment("mypurecloud.de");
    await client.loginClientCredentialsGrant(CLIENT_ID, CLIENT_SECRET);
  },
  async okta() {
    const { Client } = (await load("@okta/okta-sdk-nodejs")).default;
    await new Client({ orgUrl: "https://acme.okta.com", authorizationMode: "PrivateKey",
                       clientId: CLIENT_ID, scopes: ["okta.users.read"],
                       privateKey: readFileSync(env.KEY_FILE, "utf8") }).oauth.getAccessToken();
  },
  async auth0() {
    const { AuthenticationClient } = await load("auth0");
    await new AuthenticationClient({ domain: "acme.eu.auth0.com", clientId: CLIENT_ID,
                                     clientSecret: CLIENT_SECRET })
      .oauth.clientCredentialsGrant({ audience: env.AUDIENCE });
  },
  async keycloak() {
    // Its module has no entry for require.
    const { default: Client } = await import(pathToFileURL(
      `${folder}/node_modules/@keycloak/keycloak-admin-client/lib/index.js`));
    await new Client({ baseUrl: "https://sso.example.com", realmName: "acme" })
      .auth({ grantType: "client_credentials", clientId: CLIENT_ID, clientSecret: CLIENT_SECRET });
  },
  async salesforce() {
    const { Connection } = (await load("jsforce")).default;
    await new Connection({ oauth2: { loginUrl: "https://acme.my.salesforce.com", clientId: CLIENT_ID,
                                     clientSecret: CLIENT_SECRET } })
      .authorize({ grant_type: "client_credentials" });
  },
  async entra() {
    const { ClientSecretCredential } = await azure();
    const { AZURE_TENANT_ID, AZURE_CLIENT_ID, AZURE_CLIENT_SECRET } = env;
    await new ClientSecretCredential(AZURE_TENANT_ID, AZURE_CLIENT_ID, AZURE_CLIENT_SECRET,
                                     { disableInstanceDiscovery: true }).getToken(graph);
  },
  async "azure-workload-identity"() {
    const { WorkloadIdentityCredential } = await azure();
    await new WorkloadIdentityCredential({ disableInstanceDiscovery: true }).getToken(graph);
  },
  async "azure-managed-identity"() {
    const { ManagedIdentityCredential } = await azure();
    await new ManagedIdentityCredential({ clientId: env.AZURE_CLIENT_ID }).getToken(graph);
  },
  google: byFile,
  "gcp-workload-identity": byFile,
  async gce() {
    const { Compute } = await google();
    await new Compute().getAccessToken();
  },
  async "cloud-run"() {
    const { Compute } = await google();
    await new Compute().fetchIdToken(env.AUDIENCE);
  },
  async "github-app"() {
    // Its module has no entry for require.
    const { createAppAuth } = await import(
      pathToFileURL(`${folder}/node_modules/@octokit/auth-app/dist-node/index.js`));
    await createAppAuth({ appId: env.GITHUB_APP_ID, privateKey: readFileSync(env.KEY_FILE, "utf8"),
                          installationId: Number(env.GITHUB_APP_INSTALLATION_ID) })(
      { type: "installation" });
  },
};

await ways[preset]();
