// Advanced filters: groups of conditions, kept under names, beside the table.

import { useStore } from '@nanostores/preact'
import { useEffect } from 'preact/hooks'

import {
  changePart,
  isGroup,
  newCondition,
  newGroup,
  type DraftGroup,
  type DraftPart,
} from '../../core/filter-draft.ts'
import {
  $canApply,
  $filterDraft,
  applyDraft,
  draft,
  followApplied,
  loadSaved,
  resetDraft,
} from '../../core/saved-filters.ts'
import { setFilterPanel } from '../../core/table.ts'
import { filterCaps } from '../../../shared/filters.ts'
import { tableWords } from '../../words/table.ts'
import { Button } from '../kit/button.tsx'
import { ConditionEditor } from './filter-condition.tsx'
import './filter-panel.css'
import { SavedFilters } from './saved-filters.tsx'

const { filters: says } = tableWords

export function FilterPanel() {
  const group = useStore($filterDraft)
  const { reason } = useStore($canApply)

  useEffect(() => {
    void loadSaved()
    return followApplied()
  }, [])

  return (
    <aside class="filter-panel" aria-labelledby="filters-title">
      <header class="row">
        <h2 id="filters-title" class="spread">
          {says.title}
        </h2>
        <Button
          small
          kind="ghost"
          icon="close"
          label={says.close}
          onClick={() => setFilterPanel(false)}
        />
      </header>
      <div class="filter-scroll">
        <SavedFilters />
        <GroupEditor group={group} depth={1} />
      </div>
      <footer class="row">
        <span class="spread" />
        <Button onClick={resetDraft}>{says.reset}</Button>
        <Button kind="primary" reason={reason} onClick={applyDraft}>
          {says.apply}
        </Button>
      </footer>
      {reason && <p class="filter-reason">{reason}</p>}
    </aside>
  )
}

function change(id: number, to: (part: DraftPart) => DraftPart | undefined): void {
  draft((group) => changePart(group, id, to))
}

function GroupEditor({ group, depth }: { group: DraftGroup; depth: number }) {
  const { id, join, parts } = group
  const add = (part: DraftPart) =>
    change(id, (one) => (isGroup(one) ? { ...one, parts: [...one.parts, part] } : one))
  const choose = (next: DraftGroup['join']) =>
    change(id, (one) => (isGroup(one) ? { ...one, join: next } : one))

  return (
    <div
      class={depth === 1 ? 'filter-group top' : 'filter-group'}
      role="group"
      aria-label={says.group}
    >
      <div class="row">
        <span class="spread small-text dim">{says.match}</span>
        <Button small pressed={join === 'all'} onClick={() => choose('all')}>
          {says.all}
        </Button>
        <Button small pressed={join === 'any'} onClick={() => choose('any')}>
          {says.any}
        </Button>
        {depth > 1 && (
          <Button
            small
            kind="ghost"
            icon="close"
            label={says.removeGroup}
            onClick={() => change(id, () => undefined)}
          />
        )}
      </div>
      {parts.map((part) =>
        isGroup(part) ? (
          <GroupEditor key={part.id} group={part} depth={depth + 1} />
        ) : (
          <ConditionEditor key={part.id} part={part} change={change} />
        ),
      )}
      <div class="row">
        <Button small kind="ghost" icon="plus" onClick={() => add(newCondition())}>
          {says.condition}
        </Button>
        {depth < filterCaps.depth && (
          <Button
            small
            kind="ghost"
            icon="plus"
            onClick={() => add(newGroup(join === 'all' ? 'any' : 'all'))}
          >
            {says.group}
          </Button>
        )}
      </div>
    </div>
  )
}
