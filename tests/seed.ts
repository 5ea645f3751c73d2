// Property tests draw the same cases in every run; FC_SEED draws others, for a deep look.

import * as fc from 'fast-check'

const given = Number(globalThis.process?.env?.['FC_SEED'])
fc.configureGlobal({ seed: Number.isSafeInteger(given) && given > 0 ? given : 20_261_121 })
