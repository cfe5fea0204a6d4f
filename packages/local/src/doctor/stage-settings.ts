/**
 * The settings of a stage as the next deploy would read them: `settings/<stage>.json`, which is committed, below the variables of this
 * environment. What the file may say, and how it must, the deploy checks; here it is enough to compare.
 */
import { readFile } from "node:fs/promises"
import path from "node:path"
import * as z from "zod"

const StageFile = z.record(z.string(), z.union([z.string(), z.number(), z.array(z.string())]))

export type StageSettings = { variables: NodeJS.ProcessEnv; problem: string | null }

/** `problem`: why the file could not be read; it counts as empty then. A stage needs no file. */
export async function withStageSettings(
  environment: NodeJS.ProcessEnv,
  { stage, root }: { stage: string | null; root: string },
): Promise<StageSettings> {
  if (stage === null) return { variables: environment, problem: null }
  const name = path.join("settings", `${stage}.json`)
  let text: string
  try {
    text = await readFile(path.join(root, name), "utf8")
  } catch {
    return { variables: environment, problem: null }
  }
  const written = StageFile.safeParse(parsed(text))
  if (!written.success)
    return { variables: environment, problem: `${name} is not an object of settings in JSON` }
  const variables = { ...environment }
  for (const [setting, value] of Object.entries(written.data)) {
    if (/^[A-Z_]+$/.test(setting) && !variables[setting]?.trim())
      variables[setting] = [value].flat().join(",")
  }
  return { variables, problem: null }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
