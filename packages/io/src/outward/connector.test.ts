/**
 * The real connector, against a TLS server on this machine: it goes to the address that it is given, under the URL's name, and
 * waits for nothing but a status.
 */
import { type IncomingMessage, type ServerResponse } from "node:http"
import { createServer } from "node:https"
import { afterAll, beforeAll, expect, test } from "vitest"
import { realConnector } from "./connector.ts"

/** Made for this test alone, for hooks.example.com; it opens nothing. */
const CERTIFICATE = `-----BEGIN CERTIFICATE-----
MIIBrTCCAVOgAwIBAgIUedPaOOsQ6S1Ifpur5IosNju3TwQwCgYIKoZIzj0EAwIw
HDEaMBgGA1UEAwwRaG9va3MuZXhhbXBsZS5jb20wIBcNMjYxMTI5MjMzMTM1WhgP
MjEyNjExMDUyMzMxMzVaMBwxGjAYBgNVBAMMEWhvb2tzLmV4YW1wbGUuY29tMFkw
EwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEW+ZrzGiDDCphM91dgQzXz5NKEYNyA2Wh
P1n90mSTXHyFAQiEdG8wn9BC6QBgD1UIRI6dBoU2PikcX1yYlE4ke6NxMG8wHQYD
VR0OBBYEFJ4plGkjdinDwSgWjML2j7cy/bhyMB8GA1UdIwQYMBaAFJ4plGkjdinD
wSgWjML2j7cy/bhyMA8GA1UdEwEB/wQFMAMBAf8wHAYDVR0RBBUwE4IRaG9va3Mu
ZXhhbXBsZS5jb20wCgYIKoZIzj0EAwIDSAAwRQIhAJE0ATuf+AyBgDaH+LPhzo0o
7RiQk7gfKTfY04w5ya6IAiBe3nkPOnhyHeuQhd/Ygftoyd24kApycalj0JQ5+3J9
Pg==
-----END CERTIFICATE-----`

const KEY = `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgeLYWd8behMVwN8IF
EF3pUjLs2u3SMdjBKRrPhirtVOuhRANCAARb5mvMaIMMKmEz3V2BDNfPk0oRg3ID
ZaE/Wf3SZJNcfIUBCIR0bzCf0ELpAGAPVQhEjp0GhTY+KRxfXJiUTiR7
-----END PRIVATE KEY-----`

type Heard = { url: string | undefined; host: string | undefined; servername: unknown; body: string }

const heard: Heard[] = []

/** What the server does with a request, by its path. */
const ANSWERS: Record<string, (response: ServerResponse) => void> = {
  "/ok": (response) => response.writeHead(204).end(),
  "/busy": (response) => response.writeHead(429, { "retry-after": "7" }).end("wait"),
  "/elsewhere": (response) => response.writeHead(302, { location: "https://hooks.example.com/ok" }).end(),
  // A status, and then a body without an end.
  "/endless": (response) => {
    response.writeHead(200).write("x".repeat(1024 * 1024))
  },
  "/silent": () => {},
}

const server = createServer({ cert: CERTIFICATE, key: KEY }, (request: IncomingMessage, response) => {
  let body = ""
  request.on("data", (part: Buffer) => (body += part.toString()))
  request.on("end", () => {
    const servername: unknown = Reflect.get(request.socket, "servername")
    heard.push({ url: request.url, host: request.headers.host, servername, body })
    ANSWERS[request.url ?? ""]?.(response)
  })
})

let port = 0

beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
  const address = server.address()
  port = typeof address === "object" && address ? address.port : 0
})

afterAll(() => {
  server.closeAllConnections()
  server.close()
})

const post = (
  path: string,
  { hostname = "hooks.example.com", ca = CERTIFICATE, signal = new AbortController().signal } = {},
) =>
  realConnector({ ca }).post({
    url: new URL(`https://${hostname}:${port}${path}`),
    address: "127.0.0.1",
    headers: { "content-type": "application/json" },
    body: '{"name":"ä"}',
    signal,
  })

test("goes to the given address, under the name of the URL", async () => {
  expect(await post("/ok")).toEqual({ status: 204, retryAfter: null })
  const name = "hooks.example.com"
  expect(heard.at(-1)).toEqual({
    url: "/ok",
    host: `${name}:${port}`,
    servername: name,
    body: '{"name":"ä"}',
  })
})

test("says how long it is asked to wait, and follows no redirect", async () => {
  expect(await post("/busy")).toEqual({ status: 429, retryAfter: "7" })
  const before = heard.length
  expect(await post("/elsewhere")).toEqual({ status: 302, retryAfter: null })
  expect(heard.length).toBe(before + 1)
})

test("reads no body, however long it is", async () => {
  expect(await post("/endless")).toEqual({ status: 200, retryAfter: null })
})

test("ends when nobody waits any more", async () => {
  const over = new AbortController()
  const asked = post("/silent", { signal: over.signal })
  over.abort()
  await expect(asked).rejects.toMatchObject({ code: "ABORT_ERR" })
})

test("sends nothing to a server that cannot prove the name", async () => {
  const before = heard.length
  await expect(post("/ok", { hostname: "other.example.com" })).rejects.toMatchObject({
    code: "ERR_TLS_CERT_ALTNAME_INVALID",
  })
  const stranger = realConnector().post({
    url: new URL(`https://hooks.example.com:${port}/ok`),
    address: "127.0.0.1",
    headers: {},
    body: "",
    signal: new AbortController().signal,
  })
  await expect(stranger).rejects.toMatchObject({ code: expect.stringMatching(/SELF_SIGNED/) })
  expect(heard.length).toBe(before)
})

test("finds every address of a name, and none of one that there is not", async () => {
  expect(await realConnector().resolve("localhost")).toContain("127.0.0.1")
  await expect(realConnector().resolve("nothing.invalid")).rejects.toMatchObject({ code: expect.any(String) })
})
