/** `docs/dependencies.md` is what the manifests say, every licence is known, and no package runs anything when it is installed. */
import { existsSync, lstatSync, readFileSync, readdirSync } from "node:fs"
import path from "node:path"
import { fileURLToPath } from "node:url"
import { expect, test } from "vitest"
import { parse } from "yaml"
import * as z from "zod"

const root = fileURLToPath(new URL("..", import.meta.url))

const read = (file: string) => readFileSync(path.join(root, file), "utf8")

const Manifest = z.object({
  name: z.string().optional(),
  license: z.union([z.string(), z.object({ type: z.string() })]).optional(),
  scripts: z.record(z.string(), z.unknown()).optional(),
  dependencies: z.record(z.string(), z.string()).optional(),
  devDependencies: z.record(z.string(), z.string()).optional(),
  optionalDependencies: z.record(z.string(), z.string()).optional(),
})

const manifestOf = (file: string) => Manifest.parse(JSON.parse(readFileSync(file, "utf8")))

const licenceOf = ({ license }: z.infer<typeof Manifest>) =>
  (typeof license === "string" ? license : (license?.type ?? "none")).replace(/^\(|\)$/g, "")

const page = read("docs/dependencies.md")

const rows = [...page.matchAll(/^\| `([^`]+)` \| (\S+) \| ([^|]+) \| ([^|]+) \| (.+) \|$/gm)].map(
  ([, name = "", version = "", licence = "", users = "", why = ""]) => ({
    name,
    version,
    licence,
    users,
    why,
  }),
)

/** By package: its version and who uses it. */
function declared() {
  const found = new Map<string, { version: string; licence: string; users: Set<string> }>()
  const folders = ["", ...readdirSync(path.join(root, "packages")).map((name) => `packages/${name}`)]
  for (const folder of folders) {
    const { dependencies, devDependencies, optionalDependencies } = manifestOf(
      path.join(root, folder, "package.json"),
    )
    const all = { ...dependencies, ...devDependencies, ...optionalDependencies }
    for (const [name, version] of Object.entries(all)) {
      if (version.startsWith("workspace:")) continue
      const file = path.join(root, folder, "node_modules", name, "package.json")
      // What is optional may not be there.
      const licence = existsSync(file) ? licenceOf(manifestOf(file)) : "absent"
      const known = found.get(name) ?? { version, licence, users: new Set() }
      expect(`${name} ${version}`).toBe(`${name} ${known.version}`)
      found.set(name, { ...known, users: known.users.add(folder.replace("packages/", "") || "root") })
    }
  }
  return found
}

test("the page has every package of the manifests, with its version, its licence and who uses it, and no other", () => {
  const manifests = declared()
  const wanted = [...manifests].map(([name, { version, licence, users }]) => ({
    name,
    version,
    licence,
    users: [...users].sort().join(", "),
  }))
  const shown = rows.map(({ name, version, licence, users }) => {
    const isAbsent = manifests.get(name)?.licence === "absent"
    return { name, version, licence: isAbsent ? "absent" : licence, users }
  })
  const byName = (a: { name: string }, b: { name: string }) => (a.name < b.name ? -1 : 1)
  expect(shown.sort(byName)).toEqual(wanted.sort(byName))
  expect(rows.filter(({ why }) => why.length < 5)).toEqual([])
  expect(page).toContain(`uses ${wanted.length} packages of others`)
})

test("every version is exact", () => {
  expect([...declared()].filter(([, { version }]) => !/^\d+\.\d+\.\d+(-[\w.]+)?$/.test(version))).toEqual([])
})

/** Everything that is installed, by its folder. */
function installed(): string[] {
  const store = path.join(root, "node_modules/.pnpm")
  return readdirSync(store).flatMap((entry) => {
    const folder = path.join(store, entry, "node_modules")
    if (!existsSync(folder)) return []
    const names = readdirSync(folder).flatMap((name) =>
      name.startsWith("@") ? readdirSync(path.join(folder, name)).map((one) => `${name}/${one}`) : [name],
    )
    return names
      .map((name) => path.join(folder, name))
      .filter((one) => !lstatSync(one).isSymbolicLink() && existsSync(path.join(one, "package.json")))
  })
}

test("every licence of what is installed is on the page", () => {
  const section = page.split("## Licences")[1]?.split("## ")[0] ?? ""
  const known = new Set([...section.matchAll(/`([^`]+)`/g)].map(([, one]) => one))
  expect(known.size).toBeGreaterThan(3)
  const others = installed().flatMap((folder) => {
    const { name, ...manifest } = manifestOf(path.join(folder, "package.json"))
    // Of two that are offered, one is enough.
    const isKnown = licenceOf(manifest)
      .split(" OR ")
      .some((one) => known.has(one))
    return isKnown ? [] : [`${name}: ${licenceOf(manifest)}`]
  })
  expect(others).toEqual([])
})

test("what has a script for its installation is named, and is not run", () => {
  const { allowBuilds } = z
    .object({ allowBuilds: z.record(z.string(), z.boolean()) })
    .parse(parse(read("pnpm-workspace.yaml")))
  expect(Object.values(allowBuilds).filter(Boolean)).toEqual([])
  const scripted = installed().flatMap((folder) => {
    const { name = "", scripts = {} } = manifestOf(path.join(folder, "package.json"))
    const runs = ["preinstall", "install", "postinstall"].some((script) => script in scripts)
    return runs || existsSync(path.join(folder, "binding.gyp")) ? [name] : []
  })
  expect(scripted.filter((name) => !(name in allowBuilds))).toEqual([])
  const section = page.split("## What runs at install")[1] ?? ""
  for (const name of Object.keys(allowBuilds)) expect(section).toContain(`\`${name}\``)
})
