// npm's smtp-server with XOAUTH2: oauth.js PORT CERTIFICATE KEY TOKEN [TRUST]. Prints each message.
// TOKEN is the one that it takes; or an https address where it asks about one (RFC 7662), with what
// it trusts.
"use strict";
const fs = require("fs");
const https = require("https");
const { SMTPServer } = require("smtp-server");
const [port, certificate, key, token, trust] = process.argv.slice(2);

function ask(presented, then) {
    const options = { method: "POST", auth: "mailserver:mailsecret", ca: fs.readFileSync(trust),
                      headers: { "Content-Type": "application/x-www-form-urlencoded" } };
    const request = https.request(token, options, (answer) => {
        let text = "";
        answer.on("data", (block) => { text += block; });
        answer.on("end", () => then(JSON.parse(text)));
    });
    request.on("error", () => then({ active: false }));
    request.end(new URLSearchParams({ token: presented }).toString());
}

function judge(auth, then) {
    if (!token.startsWith("https:"))
        then(auth.username === "user" && auth.accessToken === token);
    else
        ask(auth.accessToken, (said) => then(said.active && said.sub === auth.username));
}

const server = new SMTPServer({
    secure: true,
    cert: fs.readFileSync(certificate),
    key: fs.readFileSync(key),
    authMethods: ["XOAUTH2", "PLAIN"],
    onAuth(auth, _session, done) {
        const refuse = () => done(null, { data: { status: "401", schemes: "bearer mac", scope: "mail" } });
        if (auth.method !== "XOAUTH2")
            refuse();
        else
            judge(auth, (known) => known ? done(null, { user: auth.username }) : refuse());
    },
    onData(stream, _session, done) {
        stream.on("end", done);
        stream.pipe(process.stdout, { end: false });
    },
});

// A client that goes away is no reason to end: the tests knock before they come.
server.on("error", () => {});
server.listen(Number(port), "127.0.0.1");
