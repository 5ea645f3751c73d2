// Finding customers over HTTP: the list, its counter, one live row, the download.

import type { CustomerRow } from '../../../shared/customer.ts'
import { evaluate } from '../../../shared/predicate.ts'
import { isRefusal, refuse } from '../../../shared/refusal.ts'
import { handlers } from '../../base/http.ts'
import { download } from '../export/download.ts'
import { addressesOf, columnsOf, findingOf, isForEverybody, meantBy, sortOf } from './finding.ts'
import { countAll, cursorOf, listPage, placeFrom } from './list.ts'
import { factsOf, lookUp } from './queries.ts'
import { rowsOf } from './rows.ts'
import { tenantSettings } from '../../tenant/settings.ts'
import type { Db } from '../../base/db.ts'

const pageLength = 50

export const findHandlers = handlers({
  async 'GET /api/customers'({ db, query }) {
    if (query.match === 'exact') return exactly(db, query.q ?? '')
    const after = placeFrom(query.cursor)
    if (after === 'unknown') return refuse('invalid', { at: 'cursor' })
    const finding = await findingOf(db, query, Date.now())
    if (isRefusal(finding)) return finding
    const order = sortOf(query.sort, finding.fields)
    if (isRefusal(order)) return order
    const columns = columnsOf(query.columns, finding.fields)
    const limit = query.limit ?? pageLength
    const [page, everybody] = await Promise.all([
      listPage(db, finding, { ...order, limit, after }),
      // One read; any other count may take longer than the page.
      isForEverybody(finding) ? countAll(db, finding) : null,
    ])
    const isAll = after === undefined && page.next === undefined
    return {
      rows: await rowsOf(db, page.rows, columns),
      next: page.next ? cursorOf(page.next) : null,
      total: isAll ? page.rows.length : everybody,
    }
  },

  async 'GET /api/customers/count'({ db, query }) {
    const finding = await findingOf(db, query, Date.now())
    return isRefusal(finding) ? finding : { total: await countAll(db, finding) }
  },

  async 'GET /api/customers/:customerId/row'({ db, params, query }) {
    const finding = await findingOf(db, query, Date.now())
    if (isRefusal(finding)) return finding
    const known = await factsOf(db, params.customerId)
    if (!known) return refuse('not-found')
    const columns = columnsOf(query.columns, finding.fields)
    // Safe: one record gives one row.
    const [row] = (await rowsOf(db, [known.found], columns)) as [CustomerRow]
    const { predicate, anonymous } = meantBy(finding)
    const isListed = anonymous === 'show' || !known.facts.anonymous
    return { row, matches: isListed && evaluate(predicate, known.facts) }
  },

  async 'GET /api/customers/export'({ db, me, query }) {
    const finding = await findingOf(db, query, Date.now())
    if (isRefusal(finding)) return finding
    const order = sortOf(query.sort, finding.fields)
    if (isRefusal(order)) return order
    const { format, filter, q } = query
    const columns = columnsOf(query.columns, finding.fields)
    const by = { kind: 'operator', id: me.operatorId } as const
    return download(db, by, { finding, order, columns, format, filter, q })
  },
})

/** Who has the text as one of their addresses. */
async function exactly(db: Db, text: string) {
  const { defaultCountry } = await tenantSettings(db)
  const addresses = await addressesOf(text.trim(), defaultCountry)
  const found = addresses.length > 0 ? await lookUp(db, addresses, pageLength) : []
  return { rows: await rowsOf(db, found, []), next: null, total: found.length }
}
