// npm's oidc-provider as a provider of mail has it: device code, PKCE, refresh tokens that rotate,
// revocation, introspection for a mail server. oidc.js PORT CERTIFICATE KEY [SETTINGS as JSON]
"use strict";
const fs = require("fs");
const https = require("https");
const { Provider } = require("oidc-provider");

const [port, certificate, key, json] = process.argv.slice(2);
const { access = 3600, refresh = 86400, device = 600 } = JSON.parse(json || "{}");
const issuer = `https://localhost:${port}`;
const grants = ["authorization_code", "refresh_token", "urn:ietf:params:oauth:grant-type:device_code"];
const native = { application_type: "native", redirect_uris: ["http://localhost"], grant_types: grants };

const provider = new Provider(issuer, {
    clients: [
        { ...native, client_id: "public", token_endpoint_auth_method: "none" },
        { ...native, client_id: "confidential", client_secret: "its secret & more", token_endpoint_auth_method: "client_secret_post" },
        { client_id: "mailserver", client_secret: "mailsecret", redirect_uris: [], response_types: [], grant_types: [] },
    ],
    scopes: ["openid", "offline_access", "mail"],
    issueRefreshToken: () => true,
    rotateRefreshToken: true,
    ttl: { AccessToken: access, RefreshToken: refresh, DeviceCode: device, Grant: refresh, Session: refresh, Interaction: 600, AuthorizationCode: 60 },
    features: {
        deviceFlow: { enabled: true },
        revocation: { enabled: true },
        introspection: { enabled: true, allowedPolicy: () => true },
        rpInitiatedLogout: { enabled: false },
    },
    cookies: { keys: ["tests"] },
});

https.createServer({ cert: fs.readFileSync(certificate), key: fs.readFileSync(key) }, provider.callback())
    .listen(Number(port), "127.0.0.1", () => console.log("ready"));
