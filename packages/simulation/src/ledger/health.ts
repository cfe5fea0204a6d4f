/**
 * What health must say in a simulation: that Earshot fails once no poll has worked for three minutes, whatever the polls die
 * of; and that it does not fail while they work.
 */
import { MINUTE, SECOND } from "@earshot/core/instant"
import { LEASE_MS } from "@earshot/core/turn/gate"
import type { Control } from "@earshot/core/turn/control"
import { pollFaults } from "@earshot/core/turn/health"
import type { Books } from "./books.ts"

export type HealthLedger = {
  /** A poll has read the list, stored what came of it and delivered. */
  worked: () => void
  /** A list has arrived whole. */
  listed: () => void
  /** A poll has noted that it completed. Nobody may hear of it: the answer may be lost, or the process die. */
  noted: () => void
  /** A poll begins, and this is the state that anybody can read now. */
  begun: (control: Control) => void
  /** Nothing has gone wrong for minutes. */
  checkCalm: () => void
}

/**
 * As `/health` promises where polls come more often than once a minute, and as much more as a poll may take to follow one that
 * died: it may have noted that it completed, and then died itself before anybody heard of it.
 */
const SILENCE_MAX_MS = 3 * MINUTE + LEASE_MS + 30 * SECOND

/** After that every process has had its turn. */
const SETTLED_MS = 5 * MINUTE

export function createHealthLedger(books: Books): HealthLedger {
  const { now, limits, promising, findings } = books
  let firstAt = 0
  let workedAt = 0
  let listedAt = 0
  let control: Control | null = null

  const isFailing = () =>
    pollFaults(control, limits.gateMs, now()).some(({ kind }) => kind === "incomplete" || kind === "silent")
  const isMistimed = () => books.mayBeMistimed(now(), now())

  function checkCalm(): void {
    // Where nothing triggers polls, it is right that none completes.
    if (promising.downtime(now() - SETTLED_MS, now()) > 0) return
    if (!isMistimed() && isFailing()) findings.violated("health says that polls fail, and they work")
  }

  return {
    worked: () => {
      workedAt = now()
    },
    listed: () => {
      listedAt = now()
    },
    noted() {
      if (now() - listedAt <= LEASE_MS) workedAt = now()
      else if (!isMistimed())
        findings.violated("a poll is noted as complete, and no list was read for minutes")
    },
    begun(begun) {
      control = begun
      firstAt ||= now()
      const silentMs = now() - Math.max(firstAt, workedAt)
      if (silentMs > SILENCE_MAX_MS && !isFailing() && !isMistimed())
        findings.violated(`health is well, and no poll has worked for ${Math.round(silentMs / 1000)} s`)
      if (promising.isCalm && now() - firstAt > SETTLED_MS) checkCalm()
    },
    checkCalm,
  }
}
