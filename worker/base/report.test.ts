import { expect, it, vi } from 'vitest'

import { report } from './report.ts'

it('tells where a query failed, and none of the values it was given', () => {
  const told = vi.spyOn(console, 'error').mockImplementation(() => undefined)

  report(
    new Error('Failed query: select 1\nparams: dana@example.com,+13125550142'),
    'projection at 4',
  )

  const line = String(told.mock.calls[0]?.[0])
  expect(line).toContain('projection at 4')
  expect(line).toContain('Failed query: select 1')
  expect(line).not.toContain('dana@example.com')
  told.mockRestore()
})
