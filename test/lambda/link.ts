/** Secrets as SST puts them beside a function's code: encrypted with one key for the whole app, which the function has as a variable. */
import { createCipheriv } from "node:crypto"
import { writeFileSync } from "node:fs"
import path from "node:path"

const KEY = Buffer.alloc(32, 7)

/** The key as SST's server takes it. */
export const KEY_TEXT = KEY.toString("base64")

/** Writes `resource.enc`, and returns the variables that a function with links has. */
export function putLinks(task: string, secrets: Record<string, string>): Record<string, string> {
  const links = Object.fromEntries(
    Object.entries(secrets)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, value]) => [name, { value }]),
  )
  const cipher = createCipheriv("aes-256-gcm", KEY, Buffer.alloc(12))
  const sealed = [cipher.update(JSON.stringify(links), "utf8"), cipher.final()]
  writeFileSync(path.join(task, "resource.enc"), Buffer.concat([...sealed, cipher.getAuthTag()]))
  return {
    SST_KEY: KEY_TEXT,
    SST_KEY_FILE: "resource.enc",
    SST_RESOURCE_App: JSON.stringify({ name: "earshot", stage: "test" }),
  }
}
