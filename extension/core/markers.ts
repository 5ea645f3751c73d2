// The centred grey lines of a conversation, word for word (F257-F264).

import type { Initiator, Marker } from '../../shared/session.ts'
import { words } from '../words.ts'
import type { Times } from './time.ts'

const { markers } = words

export function markerText(marker: Marker, at: number, times: Pick<Times, 'marker'>): string {
  const when = times.marker(at)
  switch (marker.type) {
    case 'started':
      return markers.started(initiatorName(marker.initiator), when)
    case 'transferred':
      return markers.transferred(when)
    case 'assigned':
      return marker.by
        ? markers.assignedBy(marker.person.name, marker.by.name, when)
        : markers.assigned(marker.person.name, when)
    case 'resolved':
      return marker.person ? markers.resolvedBy(marker.person.name, when) : markers.resolved(when)
  }
}

function initiatorName(initiator: Initiator): string {
  if (initiator.kind === 'customer') return markers.client
  return initiator.kind === 'agent' ? markers.agent : initiator.person.name
}
