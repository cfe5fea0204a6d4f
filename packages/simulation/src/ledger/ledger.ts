/**
 * The oracle of a simulation. It knows the true facts of each call, sees everything that the store keeps and the
 * channels receive, and says what must always hold and what is owed at the end.
 */
import { packWatch } from "@earshot/core/watch/packed-watch"
import type { Instant } from "@earshot/core/instant"
import type { Watch } from "@earshot/core/watch/watch"
import type { Listener } from "../process/listener.ts"
import type { Process } from "../process/process.ts"
import type { StoreWatcher } from "../process/store.ts"
import { type Reader, secretIn } from "../truth/secret.ts"
import { noteKept, noteSent } from "./alerting.ts"
import { type Books, type Observed, type Findings, openBooks } from "./books.ts"
import { createChannelLedger } from "./channel.ts"
import { type Closing, type ClosingTime, checkBacklog, closeBooks } from "./closing.ts"
import { type CoverageLedger, createCoverageLedger } from "./coverage.ts"
import { type DamageLedger, createDamageLedger } from "./damaged.ts"
import { createHealthLedger } from "./health.ts"
import { createStateLedger } from "./state.ts"
import { type UnexaminedLedger, createUnexaminedLedger } from "./unexamined.ts"

/** It counts in the findings it was given, which is a part of it. */
export type Ledger = Findings &
  Listener &
  StoreWatcher &
  DamageLedger &
  Pick<UnexaminedLedger, "checkWaiting" | "checkCount"> &
  Pick<CoverageLedger, "checkCoverage"> & {
    checkBacklog: (calmSince: Instant) => void
    /** A poll has read the list, stored what came of it and delivered. */
    worked: (process: Process) => void
    /** Open calls in the watch as it was last written. */
    openCalls: () => number
    close: (time: ClosingTime) => Closing
  }

/** A larger item leaves no room to spare in DynamoDB. */
const WATCH_BYTES_MAX = 350_000

/** An open call takes as much room as this many others. */
const OPEN_SIZE = 5

export function createLedger(observed: Observed, findings: Findings): Ledger {
  const books = openBooks(observed, findings)
  const { acquired, moved } = createStateLedger(books)
  const health = createHealthLedger(books)
  const damage = createDamageLedger(books)
  const { kept: noteExamined, ...unexamined } = createUnexaminedLedger(books)
  const { noteClosed, checkCoverage } = createCoverageLedger(books)
  const { pollEnded, arrived, checkMany, checkBriefs, ...channels } = createChannelLedger(books)
  let open = 0
  let largest = 0
  /** A message may name a call by a reference. */
  const idOf = (shown: string) => observed.traffic.call(shown)?.id ?? shown

  function remembered(written: Watch): void {
    books.watch = written
    open = 0
    for (const call of written.calls.values()) if (call.open) open++
    // Packing takes as long as half a poll, so that only a watch that could be the largest is measured.
    const size = written.calls.size + open * OPEN_SIZE
    if (size <= largest) return
    largest = size
    const packed = packWatch(written)
    findings.watchBytesMax = Math.max(findings.watchBytesMax, packed.known.length)
    if (findings.watchBytesMax > WATCH_BYTES_MAX) findings.violated("the watch is larger than an item may be")
  }

  return Object.assign(findings, {
    acquired(answer) {
      acquired(answer)
      if (answer.kind === "acquired") health.begun(answer.control)
    },
    moved,
    worked(process) {
      health.worked()
      pollEnded(process)
    },
    noted: health.noted,
    remembered,
    openCalls: () => open,
    ...damage,
    ...unexamined,
    checkCoverage,
    kept(record, process) {
      noteKept(books, record, process)
      noteExamined(record, process)
      noteClosed(record)
    },
    sent: (send, process) => noteSent(books, { ...send, callId: idOf(send.callId) }, process),
    ...channels,
    arrived: (arrival) => arrived({ ...arrival, callId: idOf(arrival.callId) }),
    ...createSecretLedger(books),
    shown({ listed, rows }) {
      health.listed()
      for (let index = 0; index < listed.length; index++) {
        const call = listed[index]
        const row = rows[index]
        if (call && row) call.arrived = row
      }
    },
    checkBacklog(calmSince) {
      checkBacklog(books, calmSince)
      health.checkCalm()
    },
    close(time) {
      checkMany()
      checkBriefs(time.callsUntil)
      return closeBooks(books, time)
    },
  } satisfies Omit<Ledger, keyof Findings>)
}

/** Nobody may read what is not meant for them. */
function createSecretLedger({ routing, now, findings }: Books): Pick<Listener, "wrote" | "showed"> {
  const check = (text: string, reader: Reader, name: string) => {
    const secret = secretIn(text, reader)
    if (secret !== null) findings.violated(`${name} can read ${secret}, which it must not`)
  }
  return {
    wrote: (text, reader) => check(text, reader, reader),
    showed: (text, channel) => check(text, routing.privacyOf(channel, now()), channel),
  }
}
