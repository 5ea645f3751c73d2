// A new run: what is measured, who reads, in which conversations; first dry, or at once.

import { useStore } from '@nanostores/preact'
import { useEffect, useState } from 'preact/hooks'

import { $agents } from '../../core/agents.ts'
import { $metrics, startRun } from '../../core/analysis.ts'
import { $campaigns, needCampaigns } from '../../core/campaigns.ts'
import { go } from '../../core/route.ts'
import { $me } from '../../core/sign-in.ts'
import type { Agent } from '../../../shared/agent.ts'
import type { RunFilter } from '../../../shared/analysis.ts'
import { ChannelKind, channelTitles } from '../../../shared/channel.ts'
import { spanOfDay } from '../../../shared/days.ts'
import type { AgentId } from '../../../shared/ids.ts'
import { analysisWords } from '../../words/analysis.ts'
import { words } from '../../words.ts'
import { Button } from '../kit/button.tsx'
import { Dialog } from '../kit/dialog.tsx'
import { Check, Field, Input, Select } from '../kit/field.tsx'
import { Trouble } from '../kit/states.tsx'

const { order: says } = analysisWords

interface Draft {
  readonly metrics: readonly string[]
  readonly reader: string
  readonly agent: string
  readonly channel: string
  readonly campaign: string
  readonly from: string
  readonly to: string
}
const nothing = { agent: '', channel: '', campaign: '', from: '', to: '' }

export function RunOrder({ onClose }: { onClose: () => void }) {
  const metrics = useStore($metrics).value ?? []
  const agents = useStore($agents) ?? []
  const [draft, setDraft] = useState<Draft>(() => ({
    ...nothing,
    metrics: metrics.filter(({ feeds }) => feeds).map(({ id }) => id),
    reader: (agents.find(({ model }) => model.kind !== 'rules') ?? agents[0])?.id ?? '',
  }))
  const [error, setError] = useState<string>()
  const [busy, setBusy] = useState<'dry' | 'real'>()
  const timeZone = useStore($me)?.tenant.timeZone ?? 'UTC'
  const filter = filterOf(draft, timeZone)
  const wrong = wrongOf(draft, filter)
  const put = (to: Partial<Draft>) => setDraft({ ...draft, ...to })

  useEffect(needCampaigns, [])

  async function start(kind: 'dry' | 'real'): Promise<void> {
    if (wrong || busy) return
    setBusy(kind)
    const made = await startRun({
      metrics: [...draft.metrics],
      // Safe: the options are the agents.
      agentId: draft.reader as AgentId,
      filter,
      dry: kind === 'dry',
    })
    setBusy(undefined)
    if ('sentence' in made) {
      setError(made.sentence)
      return
    }
    onClose()
    go({ name: 'analysis', runId: made.id })
  }

  return (
    <Dialog kind="wide" title={says.title} closeLabel={words.cancel} onClose={onClose}>
      <fieldset class="run-checks">
        <legend>{says.metrics}</legend>
        {metrics.map(({ id, title }) => (
          <Check
            key={id}
            label={title}
            checked={draft.metrics.includes(id)}
            onCheck={(checked) => {
              const others = draft.metrics.filter((one) => one !== id)
              put({ metrics: checked ? [...others, id] : others })
            }}
          />
        ))}
      </fieldset>
      <Field label={says.agent} help={says.agentHelp}>
        {(ties) => (
          <Select
            {...ties}
            value={draft.reader}
            options={[
              ...(draft.reader === '' ? [{ value: '', title: words.nothing }] : []),
              ...agents.map((one) => ({ value: one.id, title: readerTitle(one) })),
            ]}
            onSelect={(reader) => put({ reader })}
          />
        )}
      </Field>
      <Conversations draft={draft} agents={agents} put={put} />
      {error && <Trouble text={error} />}
      <div class="dialog-actions">
        <Button onClick={onClose}>{words.cancel}</Button>
        <Button reason={wrong} busy={busy === 'real'} onClick={() => void start('real')}>
          {says.run}
        </Button>
        <Button
          kind="primary"
          reason={wrong}
          hint={says.dryHint}
          busy={busy === 'dry'}
          onClick={() => void start('dry')}
        >
          {says.dry}
        </Button>
      </div>
    </Dialog>
  )
}

interface ConversationsProps {
  readonly draft: Draft
  readonly agents: readonly Agent[]
  readonly put: (to: Partial<Draft>) => void
}

function Conversations({ draft, agents, put }: ConversationsProps) {
  const campaigns = useStore($campaigns).value ?? []
  const choices = {
    agent: agents.map(({ id, name }) => ({ value: id as string, title: name })),
    channel: Object.entries(channelTitles).map(([value, title]) => ({
      value,
      title: title as string,
    })),
    campaign: campaigns.map(({ id, name }) => ({ value: id, title: name })),
  }
  const labels = { agent: says.ofAgent, channel: says.channel, campaign: says.campaign }

  return (
    <>
      <h3>{says.conversations}</h3>
      <div class="run-fields">
        {(['agent', 'channel', 'campaign'] as const).map((what) => (
          <Field key={what} label={labels[what]}>
            {(ties) => (
              <Select
                {...ties}
                value={draft[what]}
                options={[{ value: '', title: says.any }, ...choices[what]]}
                onSelect={(value) => put({ [what]: value })}
              />
            )}
          </Field>
        ))}
        {(['from', 'to'] as const).map((what) => (
          <Field key={what} label={says[what]}>
            {(ties) => (
              <Input
                {...ties}
                type="date"
                value={draft[what]}
                onText={(value) => put({ [what]: value })}
              />
            )}
          </Field>
        ))}
      </div>
    </>
  )
}

function readerTitle({ name, model }: Agent): string {
  return model.kind === 'rules' ? says.agentRules(name) : says.agentModel(name, model.model)
}

/** The days are those of the company. */
function filterOf({ agent, channel, campaign, from, to }: Draft, timeZone: string): RunFilter {
  const kind = ChannelKind.safeParse(channel).data
  const first = spanOfDay(from, timeZone)
  const last = spanOfDay(to, timeZone)
  return {
    // Safe: the options are the agents.
    ...(agent === '' ? {} : { agentId: agent as AgentId }),
    ...(kind ? { channel: kind } : {}),
    ...(campaign === '' ? {} : { campaign }),
    ...(first ? { from: first.from } : {}),
    ...(last ? { to: last.to + 1 } : {}),
  }
}

function wrongOf({ metrics, reader }: Draft, { from, to }: RunFilter): string | undefined {
  if (metrics.length === 0) return says.needMetric
  if (reader === '') return says.needAgent
  return from !== undefined && to !== undefined && from >= to ? says.wrongDays : undefined
}
