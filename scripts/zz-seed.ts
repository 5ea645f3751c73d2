import { runProduct } from './product.ts'
const t = Date.now()
const p = await runProduct({ stateDir: '/tmp/h7state', fresh: true, seed: true, log: console.log })
console.log(p.url, Date.now() - t)
const get = async (path: string, init?: RequestInit) => {
  const r = await fetch(p.url + path, init)
  return r.json()
}
const { token } = await get('/api/sign-in', {
  method: 'POST',
  headers: { 'Content-Type': 'application/json' },
  body: JSON.stringify({
    email: p.demo!.operators[0]!.email,
    password: p.demo!.operators[0]!.password,
  }),
})
const h = { headers: { Authorization: `Bearer ${token}` } }
for (const v of ['incoming', 'mine', 'open']) {
  const r = await get('/api/inbox?limit=200&view=' + v, h)
  console.log(v, JSON.stringify(r.counts))
  for (const x of r.rows)
    console.log(
      '  ',
      x.channel,
      x.customer.name,
      x.contact,
      x.mode,
      x.operator?.name,
      '|',
      x.lastText.slice(0, 60),
    )
}
const cs = await get('/api/customers?anonymous=show&limit=200', h)
let n = 0
for (const c of cs.rows) {
  const s = await get(`/api/customers/${c.id}/sessions`, h)
  n += s.rows.length
  console.log(c.name, '|', c.email, c.phone, c.channels.join(), s.rows.length)
}
console.log('customers', cs.total, 'sessions', n)
await p.stop()
process.exit()
