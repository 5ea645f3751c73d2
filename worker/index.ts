// What Cloudflare calls. Names, no logic.

import { createApp } from './app.ts'

export { AnalysisObject } from './analysis/object.ts'
export { UploadObject } from './campaign/object.ts'
export { InboxObject } from './inbox/object.ts'
export { SessionObject } from './session/object.ts'
export { ThreadObject } from './thread/object.ts'

// The platform asks for the handler as the default export.
export default createApp()
