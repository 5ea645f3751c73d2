// Before the journeys: the worker, built as it is deployed. What has not changed is left alone.

import { build } from '../scripts/build.ts'

export async function setup(): Promise<void> {
  await build(console.info, ['worker'])
}
