// The audit log: every change, by whom, before and after.

import { useStore } from '@nanostores/preact'
import { useEffect } from 'preact/hooks'

import { $audit, loadAudit, olderAudit } from '../../core/audit.ts'
import { $members, loadMembers } from '../../core/people.ts'
import { $may } from '../../core/sign-in.ts'
import type { AuditRow } from '../../../shared/tenant.ts'
import { campaignWords } from '../../words/campaigns.ts'
import { words } from '../../words.ts'
import { Button } from '../kit/button.tsx'
import { harmless } from '../kit/harmless.ts'
import { Empty, Skeleton, Trouble } from '../kit/states.tsx'
import { Moment } from '../parts/times.tsx'
import './campaigns.css'

const { audit: says } = campaignWords

export function Audit() {
  const { value, state, sentence } = useStore($audit)
  const can = useStore($may('audit.view'))

  useEffect(() => {
    if (!can.allowed) return
    void loadAudit()
    void loadMembers()
  }, [can.allowed])

  if (!can.allowed) return <Empty icon="lock" text={can.reason ?? words.somethingBroke} />
  return (
    <section class="page" aria-labelledby="audit-title">
      <header class="page-head">
        <h1 id="audit-title">{says.title}</h1>
        <span class="dim">{says.lead}</span>
      </header>
      <div class="page-body">
        {state === 'failed' && (
          <Trouble text={sentence ?? words.somethingBroke}>
            <Button small onClick={() => void loadAudit()}>
              {words.retry}
            </Button>
          </Trouble>
        )}
        {!value && state === 'loading' && <Skeleton label={words.loading} />}
        {value?.rows.length === 0 && <Empty icon="history" text={says.empty} />}
        {value && value.rows.length > 0 && <Rows rows={value.rows} />}
        {value?.more && (
          <div class="campaign-more">
            <Button onClick={() => void olderAudit()}>{says.older}</Button>
          </div>
        )}
      </div>
    </section>
  )
}

function Rows({ rows }: { rows: readonly AuditRow[] }) {
  const members = useStore($members).value ?? []
  const nameOf = (actor: string) => {
    const id = actor.replace(/^operator:/, '')
    return members.find((one) => one.id === id)?.name ?? actor
  }

  return (
    <table class="lines-table audit">
      <thead>
        <tr>
          <th scope="col">{says.when}</th>
          <th scope="col">{says.who}</th>
          <th scope="col">{says.what}</th>
          <th scope="col">{says.subject}</th>
          <th scope="col">{says.detail}</th>
        </tr>
      </thead>
      <tbody>
        {rows.map(({ id, at, actor, action, subject, detail }) => (
          <tr key={id}>
            <td>
              <Moment at={at} />
            </td>
            <td>{harmless(nameOf(actor))}</td>
            <td>{action}</td>
            <td>
              <code>{harmless(subject)}</code>
            </td>
            <td class="small-text">{harmless(detailText(detail))}</td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}

function detailText(detail: AuditRow['detail']): string {
  return Object.entries(detail)
    .map(([key, value]) => `${key}: ${typeof value === 'string' ? value : JSON.stringify(value)}`)
    .join(' · ')
}
