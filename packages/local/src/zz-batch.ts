import { simulate } from "./simulation.ts"
const [profile, rates, from, to, days] = process.argv.slice(2)
const total = {
  alerts: 0,
  missed: 0,
  violations: 0,
  dup: 0,
  unknown: 0,
  crashes: 0,
  days: 0,
  beyond: 0,
  unex: 0,
}
for (let seed = Number(from); seed <= Number(to); seed++)
  for (const rate of rates!.split(",").map(Number)) {
    const b = process.cpuUsage()
    const o = await simulate({ days: Number(days), seed, profile: profile as any, rate })
    const u = process.cpuUsage(b)
    console.log(
      `${profile} rate ${rate} seed ${seed} alerts ${o.alerts} missed ${o.missed} beyond ${o.beyondLookback} unex ${o.unexamined} viol ${o.violations} dup ${o.duplicates}/${o.unknownOutcomes} crashes ${o.crashes} lat ${JSON.stringify(o.latency)} watch ${o.watchBytesMax} h/s ${((Number(days) * 24e6) / (u.user + u.system)).toFixed(1)}`,
    )
    for (const p of o.problems.slice(0, 6)) console.log("    " + p.slice(0, 420))
    total.alerts += o.alerts
    total.missed += o.missed
    total.violations += o.violations
    total.dup += o.duplicates
    total.unknown += o.unknownOutcomes
    total.crashes += o.crashes
    total.days += Number(days)
    total.beyond += o.beyondLookback
    total.unex += o.unexamined
  }
console.log(JSON.stringify(total))
