/**
 * What the fields of one call say, for all rules that ask: each field is read, and each text folded and made searchable, at
 * most once, since a transcript may have 60 KB and a hundred rules five thousand questions about it.
 */
import type { CallDetail } from "@earshot/calls-api/call"
import { fold } from "../fold.ts"
import type { Field, FieldValue } from "./field.ts"
import { type Haystack, createHaystack } from "./haystack.ts"

export type CallReader = {
  /** `isSettled`: nothing more is waited for, so that what is still empty is what it is. */
  read: (field: Field, isSettled: boolean) => FieldValue | null
  /** A text as it is compared, with a space at either end, so that a phrase with spaces around it is found there too. */
  haystack: (text: string) => Haystack
  /** A list of texts, as it was read, as they are compared. */
  items: (texts: readonly string[]) => ReadonlySet<string>
}

export function createCallReader(call: CallDetail): CallReader {
  const first = once((_: string, field: Field) => ({ value: field.read(call) }))
  const late = once((_: string, field: Field) => ({ value: field.readSettled?.(call) ?? null }))
  return {
    read: (field, isSettled) => {
      const { value } = first(field.name, field)
      return value === null && isSettled ? late(field.name, field).value : value
    },
    haystack: once((text) => createHaystack(` ${fold(text)} `)),
    items: once((texts) => new Set(texts.map(fold))),
  }
}

function once<K, T extends object, More extends unknown[]>(
  make: (key: K, ...more: More) => T,
): (key: K, ...more: More) => T {
  const made = new Map<K, T>()
  return (key, ...more) => {
    const known = made.get(key)
    if (known) return known
    const value = make(key, ...more)
    made.set(key, value)
    return value
  }
}
