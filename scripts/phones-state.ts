// The sandbox's phones between two runs: what is on them is still there after a restart.

import { readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { deserialize, serialize } from 'node:v8'

import { newStore, type SandboxStore } from '../sandbox/store.ts'

const saveEveryMs = 10_000

export interface PhonesState {
  readonly store: SandboxStore
  /** Saves a last time. */
  close(): Promise<void>
}

/** Takes up the phones of a state folder, and saves them now and then. */
export async function openPhones(folder: string): Promise<PhonesState> {
  const file = join(folder, 'phones')
  const store = { ...newStore(), ...(await readStore(file)) }
  let saved = placeOf(store)
  const save = async () => {
    const place = placeOf(store)
    if (place === saved) return
    saved = place
    await writeFile(`${file}.part`, serialize(store))
    await rename(`${file}.part`, file)
  }
  const timer = setInterval(() => void save().catch(() => {}), saveEveryMs)
  timer.unref()
  return {
    store,
    async close() {
      clearInterval(timer)
      await save()
    },
  }
}

async function readStore(file: string): Promise<Partial<SandboxStore>> {
  try {
    // Safe: `save` wrote it. Connections and ordered trouble are told anew at every start.
    const { phones, files, lastUpdateId } = deserialize(await readFile(file)) as SandboxStore
    return { phones, files, lastUpdateId }
  } catch {
    return {}
  }
}

/** Changes whenever something has been said on a phone. */
function placeOf({ phones }: SandboxStore): number {
  let place = 0
  for (const one of phones.values()) for (const { lastN } of one.values()) place += lastN
  return place
}
