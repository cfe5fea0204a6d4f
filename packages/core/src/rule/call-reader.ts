/**
 * What the fields of one call say, for all rules that ask: what takes time to read, and each text folded and made searchable,
 * is read at most once, since a transcript may have 60 KB and a hundred rules five thousand questions about it.
 */
import type { CallDetail } from "@earshot/calls-api/call"
import type { Facts } from "../call/facts.ts"
import { fold } from "../fold.ts"
import type { Field, FieldValue } from "./field-type.ts"
import { type Haystack, createHaystack } from "./haystack.ts"
import type { CallEvent } from "./pattern.ts"
import { markWords } from "./whole-word.ts"

/** Its lists are made when they are first needed: most rules need none of them. */
export type CallReader = {
  call: CallDetail
  partyCalls: Facts["partyCalls"]
  values: Map<Field, FieldValue | null> | null
  settled: Map<Field, FieldValue | null> | null
  haystacks: Map<string, Haystack> | null
  words: Map<string, Haystack> | null
  events: Map<Field, readonly CallEvent[]> | null
  items: Map<readonly string[], ReadonlySet<string>> | null
}

export function createCallReader({ call, partyCalls }: Facts): CallReader {
  return {
    call,
    partyCalls,
    values: null,
    settled: null,
    haystacks: null,
    words: null,
    events: null,
    items: null,
  }
}

/** `isSettled`: nothing more is waited for, so that what is still empty is what it is. */
export function readField(reader: CallReader, field: Field, isSettled: boolean): FieldValue | null {
  // What the list has is a property of the call: to remember it would take longer than to read it.
  const value =
    field.source === "list" ? field.read(reader.call, reader.partyCalls) : remembered(reader, field)
  const isUnclear = value === null || field.isPartial?.(reader.call) === true
  return isUnclear && isSettled && field.readSettled ? readSettled(reader, field) : value
}

function remembered(reader: CallReader, field: Field): FieldValue | null {
  reader.values ??= new Map()
  const known = reader.values.get(field)
  if (known !== undefined) return known
  const value = field.read(reader.call)
  reader.values.set(field, value)
  return value
}

function readSettled(reader: CallReader, field: Field): FieldValue | null {
  reader.settled ??= new Map()
  const known = reader.settled.get(field)
  if (known !== undefined) return known
  const value = field.readSettled?.(reader.call) ?? null
  reader.settled.set(field, value)
  return value
}

/** A text as it is compared, with a space at either end, so that a phrase with spaces around it is found there too. */
export function haystackOf(reader: CallReader, text: string): Haystack {
  reader.haystacks ??= new Map()
  const known = reader.haystacks.get(text)
  if (known) return known
  const haystack = createHaystack(` ${fold(text)} `)
  reader.haystacks.set(text, haystack)
  return haystack
}

/** The same with its words marked, for those who look for whole ones. */
export function wordsOf(reader: CallReader, text: string): Haystack {
  reader.words ??= new Map()
  const known = reader.words.get(text)
  if (known) return known
  const haystack = createHaystack(markWords(haystackOf(reader, text).text))
  reader.words.set(text, haystack)
  return haystack
}

/** What happened, with its names as they are compared. */
export function eventsOf(reader: CallReader, field: Field): readonly CallEvent[] {
  reader.events ??= new Map()
  const known = reader.events.get(field)
  if (known) return known
  const events = (field.events?.(reader.call) ?? []).map(({ name, at }) => ({ name: fold(name), at }))
  reader.events.set(field, events)
  return events
}

/** A list of texts, as it was read, as they are compared. */
export function itemsOf(reader: CallReader, texts: readonly string[]): ReadonlySet<string> {
  reader.items ??= new Map()
  const known = reader.items.get(texts)
  if (known) return known
  const items = new Set(texts.map(fold))
  reader.items.set(texts, items)
  return items
}
