/**
 * The files of the page at /docs: Swagger UI as its makers publish it, and what fits it to this API. None is read
 * before somebody asks for it, because a cold start has no time for a page.
 */
import { createHash } from "node:crypto"
import { readFile } from "node:fs/promises"
import { createRequire } from "node:module"
import { promisify } from "node:util"
import { gzip } from "node:zlib"
import { errorCode } from "@earshot/io/world"

/** Each file with its type. `stacks/api.ts` puts all of them into a folder beside the deployed bundle. */
const ASSETS = {
  "page.html": { type: "text/html; charset=utf-8", isOurs: true },
  "start.js": { type: "text/javascript; charset=utf-8", isOurs: true },
  "look.css": { type: "text/css; charset=utf-8", isOurs: true },
  "icon.svg": { type: "image/svg+xml", isOurs: true },
  "swagger-ui-bundle.js": { type: "text/javascript; charset=utf-8", isOurs: false },
  "swagger-ui.css": { type: "text/css; charset=utf-8", isOurs: false },
} as const

export type AssetName = keyof typeof ASSETS

export const ASSET_NAMES = Object.keys(ASSETS).filter(isAssetName)

function isAssetName(name: string): name is AssetName {
  return Object.hasOwn(ASSETS, name)
}

export type Asset = {
  type: string
  etag: string
  bytes: Uint8Array<ArrayBuffer>
  gzip: Uint8Array<ArrayBuffer>
}

const loaded = new Map<AssetName, Promise<Asset>>()

/** Read and compressed once in a process. Rejects if the deployment lacks the file. */
export function loadAsset(name: AssetName): Promise<Asset> {
  const known = loaded.get(name)
  if (known) return known
  const asset = readAsset(name)
  loaded.set(name, asset)
  // What failed once is tried again.
  asset.catch(() => loaded.delete(name))
  return asset
}

async function readAsset(name: AssetName): Promise<Asset> {
  const bytes = new Uint8Array(await readDeployed(name))
  const digest = createHash("sha256").update(bytes).digest("base64url").slice(0, 22)
  const compressed = new Uint8Array(await promisify(gzip)(bytes))
  return { type: ASSETS[name].type, etag: `"${digest}"`, bytes, gzip: compressed }
}

/** From the folder beside the bundle; if there is none, this runs from its source, and so do the files. */
async function readDeployed(name: AssetName): Promise<Buffer> {
  try {
    return await readFile(new URL(`./reference/${name}`, import.meta.url))
  } catch (error) {
    if (errorCode(error) !== "ENOENT") throw error
  }
  const source = ASSETS[name].isOurs
    ? new URL(`./page/${name}`, import.meta.url)
    : createRequire(import.meta.url).resolve(`swagger-ui-dist/${name}`)
  return readFile(source)
}
