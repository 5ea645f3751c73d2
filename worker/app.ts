// The rooms' routes on one app.

import { agentHandlers } from './agent/routes.ts'
import { mount, newApp, refused, type App } from './base/http.ts'
import { openapi } from './base/openapi.ts'
import { editHandlers } from './customer/edit/routes.ts'
import { fieldHandlers } from './customer/fields/routes.ts'
import { mergeHandlers } from './customer/merge/routes.ts'
import { findHandlers } from './customer/find/routes.ts'
import { analysisHandlers } from './analysis/routes.ts'
import { campaignHandlers } from './campaign/routes.ts'
import { customerHandlers } from './customer/routes.ts'
import { savedFilterHandlers } from './customer/saved/routes.ts'
import { fileHandlers } from './files/routes.ts'
import { intakeRoutes } from './intake/routes.ts'
import { removalHandlers } from './removal/routes.ts'
import { liveRoutes, sessionHandlers } from './session/routes.ts'
import { identify } from './tenant/sign-in.ts'
import { tenantHandlers } from './tenant/routes.ts'
import { visitorRoutes } from './thread/routes.ts'
import { refuse } from '../shared/refusal.ts'

export function createApp(): App {
  const app = newApp()
  app.route('/hooks', intakeRoutes)
  app.route('/line', visitorRoutes)
  app.route('/', liveRoutes)
  mount(
    app,
    {
      ...tenantHandlers,
      ...agentHandlers,
      ...customerHandlers,
      ...findHandlers,
      ...savedFilterHandlers,
      ...fieldHandlers,
      ...editHandlers,
      ...removalHandlers,
      ...mergeHandlers,
      ...campaignHandlers,
      ...analysisHandlers,
      ...fileHandlers,
      ...sessionHandlers,
    },
    identify,
  )
  app.get('/openapi.json', (c) => c.json(openapi()))
  // Bound on a developer's machine only; elsewhere there is nothing at this address.
  app.all('/sandbox/*', (c) =>
    c.env.SANDBOX ? c.env.SANDBOX.fetch(c.req.raw) : refused(refuse('not-found')),
  )
  return app
}
