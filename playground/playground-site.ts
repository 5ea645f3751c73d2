// The website of the Playground: carries the widget as any website would.

const asked = new URLSearchParams(location.search)
const connection = asked.get('connection')
const key = asked.get('key')
if (connection && key) {
  if (asked.get('visitor') === 'new') forget(connection, key)
  const script = document.createElement('script')
  script.dataset['connection'] = connection
  script.dataset['key'] = key
  // Marks the session as a test conversation.
  script.dataset['paramPlayground'] = 'true'
  script.async = true
  // Safe under Trusted Types: a policy that gives out this one address and no other.
  script.src = ownScript('/widget.js')
  document.head.append(script)
}

/** The next visitor is another one: what the browser kept of the last is dropped. */
function forget(connection: string, key: string): void {
  for (const key of Object.keys(localStorage)) {
    if (key.startsWith(`alongside:${connection}:`)) localStorage.removeItem(key)
  }
  history.replaceState(
    null,
    '',
    `?connection=${encodeURIComponent(connection)}&key=${encodeURIComponent(key)}`,
  )
}

interface ScriptPolicy {
  createScriptURL(url: string): string
}
interface PolicyFactory {
  createPolicy(name: string, rules: { createScriptURL(url: string): string }): ScriptPolicy
}

function ownScript(path: string): string {
  const factory = (globalThis as { trustedTypes?: PolicyFactory }).trustedTypes
  if (!factory) return path
  const policy = factory.createPolicy('playground', {
    createScriptURL: (url) => (url === '/widget.js' ? url : ''),
  })
  return policy.createScriptURL(path)
}
