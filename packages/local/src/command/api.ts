/** `npm run api`: the HTTP API on PORT, 3000 by default, against whatever the environment names. */
import { createEnvironmentApi } from "@earshot/functions/api"
import { serve } from "@hono/node-server"

const port = Number(process.env["PORT"] ?? 3000)

try {
  const api = createEnvironmentApi()
  const server = serve({ fetch: api.fetch, port, hostname: "127.0.0.1" }, ({ port: actual }) => {
    process.stdout.write(`The API listens on http://127.0.0.1:${actual}; try /docs. Ctrl-C stops it.\n`)
  })
  server.on("error", (error) => fail(`The API cannot listen on port ${port}: ${error.message}`))
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    process.on(signal, () => server.close(() => process.exit(0)))
  }
} catch (error) {
  fail(error instanceof Error ? error.message : "The API could not start.")
}

function fail(message: string): void {
  process.stderr.write(`${message}\n`)
  process.exitCode = 1
}
