#!/bin/sh
# The AWS SDK over fetch does not repeat a request whose connection the server has closed.
#
# Versions: @aws-sdk/client-dynamodb 3.1164.0 with @smithy/fetch-http-handler 5.8.1, on Node 20 or later.
# One expects: a request that fails because the server closed the connection is repeated, as the SDK does with its own
#   handler (node:http) for a closed connection (FIN) and for a reset (RST), and with fetch for a reset.
# What happens: with fetch, a connection that is closed in order, which undici reports as UND_ERR_SOCKET, is no transient
#   error to the SDK: it makes one attempt and rejects with "fetch failed".
# Who is hurt: whoever runs the SDK over fetch in Node. Servers and balancers close idle connections in order all day, so one
#   request fails now and then, though nothing is wrong, and only on connections that were kept alive.
#
# Installs the two packages into a temporary folder and asks a server on this machine. Fails if the outcome has changed.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
printf '{"type":"module","private":true}' > package.json
npm install --silent --no-audit --no-fund @aws-sdk/client-dynamodb@3.1164.0 @smithy/fetch-http-handler@5.8.1
cat > ask.mjs <<'EOF'
import { DynamoDBClient, ListTablesCommand } from "@aws-sdk/client-dynamodb"
import { FetchHttpHandler } from "@smithy/fetch-http-handler"
import net from "node:net"

const BODY = '{"TableNames":[]}'
const OK = `HTTP/1.1 200 OK\r\ncontent-type: application/x-amz-json-1.0\r\ncontent-length: ${BODY.length}\r\nconnection: close\r\n\r\n${BODY}`

/** Ends the first request's connection without an answer, and answers the others. */
async function ask(how, requestHandler) {
  let requests = 0
  const server = net.createServer((socket) => {
    socket.on("error", () => {})
    socket.on("data", (data) => {
      if (!String(data).startsWith("POST")) return
      requests++
      if (requests > 1) socket.end(OK)
      else if (how === "closed") socket.end()
      else socket.resetAndDestroy()
    })
  })
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve))
  const endpoint = `http://127.0.0.1:${server.address().port}`
  const credentials = { accessKeyId: "a", secretAccessKey: "b" }
  const client = new DynamoDBClient({ region: "us-east-1", endpoint, credentials, ...(requestHandler && { requestHandler }) })
  const outcome = await client.send(new ListTablesCommand({})).then(
    () => "answered",
    (error) => `${error.message} (${error.cause?.code})`,
  )
  client.destroy()
  server.close()
  return `${requests} ${requests === 1 ? "request" : "requests"}, ${outcome}`
}

for (const how of ["closed", "reset"]) {
  console.log(`node:http, ${how}: ${await ask(how)}`)
  console.log(`fetch, ${how}: ${await ask(how, new FetchHttpHandler())}`)
}
process.exit(0)
EOF
found=$(node ask.mjs 2>/dev/null)
printf '%s\n' "$found"
expected='node:http, closed: 2 requests, answered
fetch, closed: 1 request, fetch failed (UND_ERR_SOCKET)
node:http, reset: 2 requests, answered
fetch, reset: 2 requests, answered'
[ "$found" = "$expected" ] || { echo "That has changed." >&2; exit 1; }
