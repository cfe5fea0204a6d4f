/** GET /docs and the files of that page: a reference of this API to read and to try it with. Needs no token. */
import { type Context, Hono } from "hono"
import { ASSET_NAMES, type Asset, type AssetName, loadAsset } from "../reference/asset.ts"

/** Scripts and styles are files of this API; inline ones do not run. Nothing may be fetched from anywhere else. */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  // The library's style sheet has its icons inside.
  "img-src 'self' data:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join("; ")

export function referenceRoutes(): Hono {
  const routes = new Hono()
  routes.get("/", async (context) => {
    context.header("content-security-policy", POLICY)
    return answer(context, "page.html")
  })
  for (const name of ASSET_NAMES.filter((name) => name !== "page.html")) {
    routes.get(`/${name}`, (context) => answer(context, name))
  }
  return routes
}

async function answer(context: Context, name: AssetName): Promise<Response> {
  const asset = await loadAsset(name)
  // A browser keeps the file and asks whether it is still the same, so a deploy shows at once.
  context.header("cache-control", "no-cache")
  context.header("etag", asset.etag)
  context.header("vary", "accept-encoding")
  if (context.req.header("if-none-match")?.includes(asset.etag)) return context.body(null, 304)
  context.header("content-type", asset.type)
  return context.body(acceptsGzip(context) ? gzipped(context, asset) : asset.bytes)
}

function gzipped(context: Context, { gzip }: Asset): Asset["gzip"] {
  context.header("content-encoding", "gzip")
  return gzip
}

function acceptsGzip(context: Context): boolean {
  return /\bgzip\b(?!;q=0(\.0*)?(,|$))/i.test(
    context.req.header("accept-encoding")?.replaceAll(" ", "") ?? "",
  )
}
