// npm's smtp-server with XOAUTH2: oauth.js PORT CERTIFICATE KEY TOKEN. Prints each message.
"use strict";
const fs = require("fs");
const { SMTPServer } = require("smtp-server");
const [port, certificate, key, token] = process.argv.slice(2);

const server = new SMTPServer({
    secure: true,
    cert: fs.readFileSync(certificate),
    key: fs.readFileSync(key),
    authMethods: ["XOAUTH2", "PLAIN"],
    onAuth(auth, _session, done) {
        const known = auth.method === "XOAUTH2" && auth.username === "user" && auth.accessToken === token;
        done(null, known ? { user: auth.username } : { data: { status: "401", schemes: "bearer mac" } });
    },
    onData(stream, _session, done) {
        stream.on("end", done);
        stream.pipe(process.stdout, { end: false });
    },
});

// A client that goes away is no reason to end: the tests knock before they come.
server.on("error", () => {});
server.listen(Number(port), "127.0.0.1");
