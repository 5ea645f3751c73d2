// Long work of an object, done in shifts by its alarm: what has begun is taken up again, however a
// shift ends.

import { report } from './report.ts'

/** How long one shift works, in milliseconds; the next goes on at once. */
const shiftMs = 8_000
const waitsMs = [1_000, 5_000, 15_000, 60_000]
const longestWaitMs = 60_000

export interface Shifts {
  /** Begins to work, or goes on. */
  wake(): Promise<void>
  /** Does one shift, for the object's alarm. `work` says whether there is more to do, or when there will be. */
  shift(name: string, work: (until: number) => Promise<boolean | number>): Promise<void>
}

/** `watchdogMs`: how soon the alarm looks again should the object die at work. */
export function shiftsOf(storage: DurableObjectStorage, watchdogMs: number): Shifts {
  let failures = 0
  return {
    wake: () => storage.setAlarm(Date.now()),
    async shift(name, work) {
      const watchdog = Date.now() + watchdogMs
      await storage.setAlarm(watchdog)
      try {
        const next = await work(Date.now() + shiftMs)
        failures = 0
        if (next === true) await storage.setAlarm(Date.now())
        // Nothing is left to do now. An alarm that somebody has set meanwhile stays.
        else if ((await storage.getAlarm()) !== watchdog) return
        else if (next === false) await storage.deleteAlarm()
        else await storage.setAlarm(next)
      } catch (error) {
        report(error, name)
        const wait = waitsMs[failures] ?? longestWaitMs
        failures += 1
        await storage.setAlarm(Date.now() + wait)
      }
    },
  }
}
