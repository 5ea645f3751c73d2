// What the pages of the extension have, as far as the tests use it.

declare const chrome: typeof import('wxt/browser').browser
