// About a session: who, where, what it brought. Beside a chat, or under it where there is no room.

import { useStore } from '@nanostores/preact'
import type { ComponentChildren } from 'preact'
import { useEffect } from 'preact/hooks'

import { $agents, resultsOf } from '../../core/agents.ts'
import { $contact, contactOf, openContact, reloadContact } from '../../core/contact.ts'
import { go, hrefOf } from '../../core/route.ts'
import { $me } from '../../core/sign-in.ts'
import { $times } from '../../core/time.ts'
import type { FieldValue } from '../../../shared/customer.ts'
import { isActive, type SessionState, type Value } from '../../../shared/session.ts'
import { words } from '../../words.ts'
import { Button, ButtonLink } from '../kit/button.tsx'
import { Term, Terms } from '../kit/card.tsx'
import { Chip, Dot } from '../kit/chip.tsx'
import { harmless } from '../kit/harmless.ts'
import { inPlace } from '../kit/in-place.ts'
import { Skeleton, Trouble } from '../kit/states.tsx'
import { ChannelIcon } from './channel-icon.tsx'
import './session-details.css'

/** The agent, the channel, the customer's address there; the dot says that it goes on. */
export function SessionHead({ session }: { session: SessionState }) {
  const { opened } = session
  if (!opened) return null

  return (
    <div class="session-head">
      {isActive(session) && <Dot label={words.details.active} />}
      <strong class="one-line">{opened.agent.name}</strong>
      <ChannelIcon channel={opened.channel} />
      <span class="spread one-line dim">{harmless(opened.contact)}</span>
      <ModeChip session={session} />
    </div>
  )
}

/** Who has it, and how. */
export function ModeChip({ session }: { session: SessionState }) {
  const me = useStore($me)
  const { mode, operator, status } = session
  if (!isActive(session)) return <Chip>{status}</Chip>
  if (mode === 'ai') return <Chip tone="ai">{words.modes.ai}</Chip>
  if (!operator) return <Chip tone="note">{words.modes.unassigned}</Chip>
  const name = operator.id === me?.operator.id ? words.chat.you : operator.name
  return <Chip tone="human">{words.modes.of(name, words.modes[mode])}</Chip>
}

export function EpisodeDetails({ session }: { session: SessionState }) {
  const times = useStore($times)
  const { opened, summary, handover } = session
  if (!opened) return <Skeleton label={words.loading} count={3} />

  return (
    <div class="details-body">
      <SessionHead session={session} />
      <Terms>
        <Term term={words.details.summary}>
          {summary ? (
            <span class="lines">{harmless(summary)}</span>
          ) : (
            <span class="faint">{words.details.noSummary}</span>
          )}
        </Term>
        <Term term={words.details.responsible}>{responsibleOf(session)}</Term>
        {handover && (
          <Term term={words.details.handover}>
            {words.handovers[handover.cause]}
            {handover.reason && ` · ${harmless(handover.reason)}`}
          </Term>
        )}
        <Term term={words.details.started}>{times.marker(opened.at)}</Term>
      </Terms>
      <Section title={words.details.parameters}>
        <Values values={opened.parameters} empty={words.details.noParameters} />
      </Section>
      <Section title={words.details.results}>
        <Results session={session} />
      </Section>
    </div>
  )
}

/** The panel of a single session: contact, parameters, results. */
export function ParametersAndResults({ session }: { session: SessionState }) {
  if (!session.opened) return null

  return (
    <div class="details-body">
      <ContactInfo />
      <Section title={words.details.sessionParameters}>
        <Values values={visitOf(session)} empty={words.details.noParameters} />
      </Section>
      <Section title={words.details.sessionResults}>
        <Results session={session} />
      </Section>
      <Section title={words.details.summaryTitle}>
        <p class="details-text lines">
          {session.summary ? (
            harmless(session.summary)
          ) : (
            <span class="faint">{words.details.noSummary}</span>
          )}
        </p>
      </Section>
    </div>
  )
}

/** From the customer's record: all six fields, with a value or without. */
function ContactInfo() {
  const { state, value, sentence } = useStore($contact)
  const fields = value && contactOf(value)
  const place = value && ({ name: 'customer', customerId: value.id, tab: 'summary' } as const)
  useEffect(openContact, [])

  return (
    <Section
      title={words.details.contactInfo}
      aside={
        fields &&
        place && (
          <ButtonLink small kind="ghost" href={hrefOf(place)} onClick={inPlace(() => go(place))}>
            {words.details.openIn360}
          </ButtonLink>
        )
      }
    >
      {state === 'loading' && !value && <Skeleton label={words.loading} count={2} />}
      {state === 'failed' && (
        <Trouble text={sentence ?? words.somethingBroke}>
          <Button small onClick={reloadContact}>
            {words.retry}
          </Button>
        </Trouble>
      )}
      {(state === 'missing' || (value && !fields)) && (
        <p class="details-text faint">{words.profile.noContactInfo}</p>
      )}
      {fields && (
        <Terms>
          {fields.map(([name, values]) => (
            <Term key={name} term={words.details[name]}>
              {values.length === 0 ? <span class="faint">{words.nothing}</span> : null}
              {values.map((one) => (
                <ContactValue key={one.value} field={one} />
              ))}
            </Term>
          ))}
        </Terms>
      )}
    </Section>
  )
}

function ContactValue({ field: { value, verified } }: { field: FieldValue }) {
  return (
    <span class="contact-value">
      {harmless(value)}{' '}
      {!verified && (
        <Chip tone="note" hint={words.profile.unverifiedHelp}>
          {words.profile.unverified}
        </Chip>
      )}
    </span>
  )
}

interface SectionProps {
  readonly title: string
  readonly aside?: ComponentChildren
  readonly children: ComponentChildren
}

function Section({ title, aside, children }: SectionProps) {
  return (
    <section class="details-section">
      <details open>
        <summary>
          <h3>{title}</h3>
        </summary>
        {children}
      </details>
      {aside}
    </section>
  )
}

/** By the labels the agent has them under; a field it no longer has is not shown. */
function Results({ session }: { session: SessionState }) {
  const agents = useStore($agents)
  return (
    <Values
      values={Object.fromEntries(resultsOf(session, agents))}
      empty={words.details.noResults}
    />
  )
}

type Values = Readonly<Record<string, Value>>

function Values({ values, empty }: { values: Values; empty: string }) {
  const entries = Object.entries(values)
  if (entries.length === 0) return <p class="details-text faint">{empty}</p>

  return (
    <Terms>
      {entries.map(([key, value]) => (
        <Term key={key} term={key}>
          {harmless(String(value))}
        </Term>
      ))}
    </Terms>
  )
}

function visitOf({ opened }: SessionState): Values {
  const { country, city, ip } = opened?.visit ?? {}
  return {
    ...opened?.parameters,
    ...(country ? { [words.details.country]: [city, country].filter(Boolean).join(', ') } : {}),
    ...(ip ? { [words.details.ip]: ip } : {}),
  }
}

/** Who has it, or had it last: a person, once there was one. */
function responsibleOf({ mode, operator }: SessionState): string {
  if (operator) return operator.name
  return mode === 'ai' ? words.details.aiAgent : words.modes.unassigned
}
