/**
 * What the fields of one call say, for all rules that ask: each field is read, folded and made searchable at most once,
 * since a transcript may have 60 KB and a hundred rules five thousand questions about it.
 */
import type { CallDetail } from "@earshot/calls-api/call"
import { fold } from "../fold.ts"
import type { Field, FieldValue } from "./field.ts"
import { type Haystack, createHaystack } from "./haystack.ts"

export type CallReader = {
  read: (field: Field) => FieldValue | null
  /** A text as it is compared, with a space at either end, so that a phrase with spaces around it is found there too. */
  haystack: (field: Field) => Haystack
  /** A list of texts as they are compared. */
  items: (field: Field) => ReadonlySet<string>
}

export function createCallReader(call: CallDetail): CallReader {
  const read = once((field: Field) => field.read(call))
  return {
    read,
    haystack: once((field) => {
      const value = read(field)
      return createHaystack(typeof value === "string" ? ` ${fold(value)} ` : "")
    }),
    items: once((field) => {
      const value = read(field)
      return new Set(typeof value === "object" && value !== null ? value.map(fold) : [])
    }),
  }
}

function once<T>(make: (field: Field) => T): (field: Field) => T {
  const made = new Map<string, T>()
  return (field) => {
    const known = made.get(field.name)
    if (known !== undefined) return known
    const value = make(field)
    made.set(field.name, value)
    return value
  }
}
