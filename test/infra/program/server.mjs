/**
 * The local server that the `sst` command offers to its components, answering as if the account were set up.
 *
 * Handlers are not built here: what would be built is handed to `onBuild`, with the secrets that the function
 * is linked to, and a stub takes the bundle's place.
 */
import { mkdirSync, writeFileSync } from "node:fs"
import { createServer } from "node:http"
import { text } from "node:stream/consumers"
import path from "node:path"

/** The server's address. It does not keep the process alive. */
export async function startServer({ work, onBuild }) {
  const methods = {
    "Provider.Aws.Bootstrap": () => ({ asset: "sst-asset", state: "sst-state" }),
    "Provider.Aws.Appsync": () => ({ http: "appsync.test", realtime: "appsync.test" }),
    "Runtime.AddTarget": () => true,
    "Runtime.Build": (build) => {
      const { functionID, handler, links, properties } = build
      onBuild({
        name: functionID,
        handler,
        links: Object.keys(links),
        isMinified: properties.minify === true,
        isSplit: properties.splitting === true,
      })
      return { handler: "bundle.handler", out: writeStub(work, functionID), errors: [], sourcemaps: [] }
    },
  }

  const server = createServer((request, response) => void answer(methods, request, response))
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve))
  server.unref()
  return `http://127.0.0.1:${server.address().port}`
}

async function answer(methods, request, response) {
  const { method, params } = JSON.parse(await text(request))
  const known = methods[method]
  const reply = known ? { result: known(params[0]) } : { error: `rpc: can't find method ${method}` }
  // A connection kept open would keep the process alive, whose end is awaited.
  response.setHeader("connection", "close")
  response.end(JSON.stringify(reply))
}

function writeStub(work, name) {
  const folder = path.join(work, "artifacts", `${name}-src`)
  mkdirSync(folder, { recursive: true })
  writeFileSync(path.join(folder, "bundle.mjs"), "export const handler = () => {}\n")
  return folder
}
