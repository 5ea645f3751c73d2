// What the worker stands on: its bindings. Names here are those of wrangler.toml.

import type { AnalysisObject } from '../analysis/object.ts'
import type { UploadObject } from '../campaign/object.ts'
import type { InboxObject } from '../inbox/object.ts'
import type { SessionObject } from '../session/object.ts'
import type { ThreadObject } from '../thread/object.ts'

export interface Env {
  readonly DB: D1Database
  readonly FILES: R2Bucket
  readonly THREAD: DurableObjectNamespace<ThreadObject>
  readonly SESSION: DurableObjectNamespace<SessionObject>
  readonly INBOX: DurableObjectNamespace<InboxObject>
  readonly UPLOAD: DurableObjectNamespace<UploadObject>
  readonly ANALYSIS: DurableObjectNamespace<AnalysisObject>
  readonly ASSETS?: Fetcher
  readonly AI?: Ai
  /** The provider sandbox. Bound on a developer's machine only. */
  readonly SANDBOX?: Fetcher
  /** 32 random bytes in base64: encrypts credentials, signs visitors' tokens and cookies. */
  readonly SECRET_KEY: string
  /** Where this worker is reached from outside, without a slash at the end. */
  readonly PUBLIC_URL: string
}
