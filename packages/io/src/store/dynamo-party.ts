/**
 * The calls of each caller, on DynamoDB: an item for each, whose attribute is a set, so that a repeated write changes nothing. The
 * key holds a hash, never a number.
 */
import { marshall } from "@aws-sdk/util-dynamodb"
import { PARTY_CALLS_MAX, PARTY_CALLS_MS, type PartyCall } from "@earshot/core/call/party-calls"
import { DAY, type Instant } from "@earshot/core/instant"
import * as z from "zod"
import type { TeamItems } from "./dynamo-item.ts"
import type { Store } from "./store.ts"

/** Such as `1767571200000 a1b2c3d4e5f6`. */
const CALL = /^(\d{1,16}) (.{1,40})$/

const StoredParty = z.object({ calls: z.set(z.string()) })

export function partyStore(items: TeamItems): Pick<Store, "notePartyCalls"> {
  return {
    notePartyCalls: async (party, calls, now) => {
      const sk = `PARTY#${party}`
      const texts = calls.map(({ key, at }) => `${at} ${key}`)
      const expiresAt = expiryOf(now)
      const known = await items
        .update(sk, changeOf("ADD", texts, expiresAt))
        .catch(async (error: unknown) => {
          // An attribute that is no set takes no element: what is damaged is begun anew.
          if (!(error instanceof Error) || error.name !== "ValidationException") throw error
          await items.put({ sk, calls: new Set(texts), expiresAt })
          return null
        })
      const stored = StoredParty.safeParse(known?.item).data?.calls ?? new Set(texts)
      const all = [...stored].flatMap(callIn).sort((a, b) => b.at - a.at)
      const kept = all.filter(({ at }) => at > now - PARTY_CALLS_MS).slice(0, PARTY_CALLS_MAX)
      const left = all.filter((call) => !kept.includes(call)).map(({ key, at }) => `${at} ${key}`)
      // Seldom: for somebody who calls every day, once in a while.
      if (left.length > LEFT_MAX) await items.update(sk, changeOf("DELETE", left, expiresAt))
      return kept
    },
  }
}

/** So many that do not count any more may stay. */
const LEFT_MAX = 50

function expiryOf(now: Instant): number {
  return Math.ceil((now + PARTY_CALLS_MS + DAY) / 1000)
}

function changeOf(verb: "ADD" | "DELETE", texts: readonly string[], expiresAt: number) {
  return {
    UpdateExpression: `SET #expiresAt = :expiresAt ${verb} #calls :calls`,
    ExpressionAttributeNames: { "#expiresAt": "expiresAt", "#calls": "calls" },
    ExpressionAttributeValues: marshall({ ":expiresAt": expiresAt, ":calls": new Set(texts) }),
  }
}

function callIn(text: string): PartyCall[] {
  const [, at, key] = CALL.exec(text) ?? []
  return at === undefined || key === undefined ? [] : [{ at: Number(at), key }]
}
